# SPDX-License-Identifier: Apache-2.0
"""Text of strangers in a log and on a terminal."""

from emorec_vision.one_line import LONGEST
from emorec_vision.one_line import one_line
import pytest


@pytest.mark.parametrize('text, line', [
    ('Ada Lovelace', 'Ada Lovelace'),
    ('Zoë 陽子 \u0645\u06cc\u200c', 'Zoë 陽子 \u0645\u06cc\u200c'),
    ('a\n[INFO] aggregator: all is well', 'a\\n[INFO] aggregator: all is well'),
    ('\x1b[2J\x1b[H', '\\x1b[2J\\x1b[H'),
    ('\r\x9b\u2028\u202e\udc80', '\\r\\x9b\\u2028\\u202e\\udc80'),
])
def test_nothing_ends_a_line_or_moves_the_cursor(text: str, line: str) -> None:
    """Names of all languages stay as they are."""
    assert one_line(text) == line


@pytest.mark.parametrize('text', ['x' * 105_124, '\n' * 300])
def test_long_text_is_cut_and_says_so(text: str) -> None:
    """Escapes count as they are printed."""
    line = one_line(text)
    assert len(line) <= LONGEST
    assert line.endswith(f'... ({len(text)} characters)')
