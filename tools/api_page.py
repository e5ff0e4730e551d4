#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write docs/api.md, the public names of emorec_vision, from their docstrings.

It is run as `.venv/bin/python tools/api_page.py`.
"""

from __future__ import annotations

import inspect
from pathlib import Path
import re
import sys
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import emorec_vision  # noqa: E402

HEAD = """\
# The library, name by name

Written by `.venv/bin/python tools/api_page.py` from the docstrings. [library.md](library.md) shows
the names at work.
"""
MADE = ('EmotionReader', 'Intrinsics')
"""Classes of which other programs make objects themselves."""
PLAIN = (bool, str, type(None), type(inspect.Parameter.empty))
SECTIONS = ('Args', 'Attributes', 'Returns', 'Raises')
MEMBERS = ('read', 'read_all', 'stream', 'add', 'emotion', 'probability', 'sure', 'to_dict')
"""Methods and properties that are told, where a class has them itself."""


def page() -> str:
    """Return the text of docs/api.md."""
    parts = [HEAD]
    for name in emorec_vision.__all__:
        thing = getattr(emorec_vision, name)
        is_made = name in MADE or inspect.isfunction(thing)
        parts.append(f'\n## {name}\n\n{signature(name, thing) if is_made else ""}{body(thing)}')
        for member in MEMBERS if inspect.isclass(thing) else ():
            if member in vars(thing):
                told = vars(thing)[member]
                is_property = isinstance(told, property)
                text = '' if is_property else signature(member, told)
                parts.append(f'\n### {name}.{member}\n\n{text}{body(told)}')
    return ''.join(parts)


def signature(name: str, thing: Any) -> str:
    """Return how a class or a function is called, as a block of code."""
    called = inspect.signature(thing)
    parameters = [
        each.replace(annotation=each.empty,
                     default=each.default if isinstance(each.default, PLAIN) else ...)
        for each in called.parameters.values() if each.name != 'self']
    told = called.replace(parameters=parameters, return_annotation=called.empty)
    return f'```python\n{name}{told}\n```\n\n'.replace('Ellipsis', '...')


def body(thing: Any) -> str:
    """Return a docstring as Markdown: its sections as lists."""
    lines = []
    section = ''
    for line in (inspect.getdoc(thing) or '').splitlines():
        head = re.fullmatch(rf'({"|".join(SECTIONS)}):', line)
        if head:
            section = head[1]
            lines += [f'**{section}**', '']
        elif section and re.match(r'    \w[\w, ]*: ', line):
            name, _, rest = line.strip().partition(': ')
            lines.append(f'- `{name}`: {rest}')
        elif section and line.startswith('    '):
            lines.append(('  ' if lines[-1][:1] in '- ' and lines[-1] else '') + line.strip())
        else:
            lines.append(line)
    return '\n'.join(lines).rstrip() + '\n'


if __name__ == '__main__':
    (ROOT / 'docs' / 'api.md').write_text(page())
