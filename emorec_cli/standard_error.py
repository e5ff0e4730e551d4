# SPDX-License-Identifier: Apache-2.0
"""What every command says beside its output."""

import sys

from emorec_vision.one_line import one_line


def tell(text: str) -> None:
    """Write one line to standard error, whatever the text holds."""
    print(f'emorec: {one_line(text)}', file=sys.stderr, flush=True)
