# SPDX-License-Identifier: Apache-2.0
"""A parser of arguments whose complaints are short, and say what was probably meant."""

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any
from typing import NoReturn

from emorec_vision.one_line import one_line


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line each, whatever was given.

    Attributes:
        leaves_unknown: whether arguments that are none are returned instead of told, as for a
            parser that looks at them again.
    """

    leaves_unknown = False

    def error(self, message: str) -> NoReturn:
        """Complain and end with exit status 2."""
        super().error(one_line(message))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does, but tell here what is no argument of this very command."""
        found, unknown = super().parse_known_args(args, namespace)
        if not self.leaves_unknown:
            self.refuse(unknown)
        return found, unknown

    def refuse(self, unknown: Sequence[str]) -> None:
        """Complain of arguments that are none, if there are any, with the option that is alike."""
        if not unknown:
            return
        given = next((word for word in unknown if word.startswith('--')), '')
        options = [option for action in self._actions for option in action.option_strings]
        like = get_close_matches(given.partition('=')[0].replace('_', '-'), options, 1)
        self.error(f'unrecognized arguments: {" ".join(unknown)}'
                   + (f'; did you mean {like[0]}?' if like else ''))
