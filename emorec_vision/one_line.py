# SPDX-License-Identifier: Apache-2.0
"""Text from anywhere as one line of a log or a terminal."""

LONGEST = 420
"""Characters; with what a logger or `ros2 launch` puts in front, a line has at most 500."""
SHOWN = frozenset('\u00a0\u200c\u200d\u3000')
"""Spaces and joiners that names are written with; Python does not count them as printable."""


def one_line(text: str) -> str:
    """Return text that forges no other line and moves no cursor, shortened where it is long.

    Control characters, line breaks, and marks that turn the direction of writing become escapes
    as Python writes them.
    """
    line = ''.join(character if character.isprintable() or character in SHOWN
                   else character.encode('unicode_escape').decode()
                   for character in text[:LONGEST + 1])
    if len(line) <= LONGEST:
        return line
    end = f'... ({len(text)} characters)'
    return line[:LONGEST - len(end)] + end
