# SPDX-License-Identifier: Apache-2.0
"""How `--help` of every command shows defaults."""

import argparse


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Show each default once, and none for what is off, empty or must be given."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        is_nothing = action.default in (None, '') or action.default is False
        if is_nothing or '(default' in (action.help or ''):
            return action.help
        return super()._get_help_string(action)
