#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write docs/licences.md: the licence of every package that set-up may install.

Licences are what the metadata of the installed packages say, or the package.xml or the text of the
licence among their files. What is not in this environment (packages of other versions of Python,
of the other ROS 2 distribution) is looked for in the site-packages given, of an environment that
`pip install --no-deps -r requirements/locked/NAME.txt` filled, and otherwise keeps the line that
the page has.
"""

from collections.abc import Iterable
from importlib.metadata import Distribution
from importlib.metadata import distributions
from pathlib import Path
import re
import sys

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / 'docs' / 'licences.md'
LOCKED = ROOT / 'requirements' / 'locked'
LINE = re.compile(r'^\| ([\w.-]+) \| ([\w.+]+) \| (.+?) \| (.+?) \|$', re.MULTILINE)
PINNED = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==(?!.*sys_platform == '(?:win32|emscripten)')",
                    re.MULTILINE)
"""A package of a list, unless it is for other systems only."""
LONGEST = 90
TEXTS = {'MIT': 'Permission is hereby granted, free of charge', 'Apache-2.0': 'Apache License'}
"""What a file of a licence says, by its name."""
HEAD = """# Licences

emorec itself is under the Apache License 2.0 ([LICENSE](../LICENSE)). It contains none of the
packages below; set-up installs them from their own wheels. The column "with" names the lists of
`requirements/` that bring a package: `run`, `build` and one of the `ros-` lists always, the others
when they are asked for. Licences are those that the packages name in their metadata (those of ROS
in their package.xml). The list is made by `make licences` (`tools/licences.py`); `make sbom`
writes what one environment really has, as CycloneDX.

| package | version | licence | with |
|---|---|---|---|
"""


def main() -> int:
    """Write the page."""
    lists = locked_lists()
    there = {name: row[:2] for name, row in read_page().items()}
    found = there | {name_of(each): (each.version, licence_of(each))
                     for folder in ([folder] for folder in [*sys.argv[:0:-1], None])
                     for each in installed(folder)}
    missing = sorted(set(lists) - set(found))
    if missing:
        print(f'no metadata of: {" ".join(missing)}; give a folder that has it', file=sys.stderr)
        return 2
    PAGE.write_text(HEAD + ''.join(
        f'| {name} | {" | ".join(found[name])} | {", ".join(sorted(lists[name]))} |\n'
        for name in sorted(lists)))
    return 0


def locked_lists() -> dict[str, set[str]]:
    """Return the names of the lists that bring each package."""
    lists: dict[str, set[str]] = {}
    for path in [*LOCKED.glob('*.txt'), LOCKED.parent / 'weights.txt']:
        for name in PINNED.findall(path.read_text()):
            lists.setdefault(canonical(name), set()).add(path.stem)
    return lists


def read_page() -> dict[str, tuple[str, str, str]]:
    """Return version, licence and lists of each package of the page."""
    rows = LINE.findall(PAGE.read_text() if PAGE.exists() else '')
    return {name: (version, licence, lists) for name, version, licence, lists in rows
            if name != 'package'}


def installed(folders: Iterable[str | None]) -> Iterable[Distribution]:
    """Return the packages in some folders; None stands for this environment."""
    for folder in folders:
        yield from distributions() if folder is None else distributions(path=[folder])


def name_of(distribution: Distribution) -> str:
    """Return how pip calls a package."""
    return canonical(distribution.metadata['Name'] or '')


def canonical(name: str) -> str:
    """Return a name in the form that PyPI compares."""
    return re.sub(r'[-_.]+', '-', name).lower()


def licence_of(distribution: Distribution) -> str:
    """Return the licence that a package names, in a few words."""
    metadata = distribution.metadata
    told = metadata.get('License-Expression') or ''
    classified = [text.rpartition(' :: ')[2] for text in metadata.get_all('Classifier') or ()
                  if text.startswith('License :: ') and text.count(' :: ') > 1]
    free = (metadata.get('License') or '').strip()
    if not told and free and '\n' not in free and len(free) <= LONGEST and free != 'UNKNOWN':
        told = free
    if not told:
        told = (', '.join(classified) or free.partition('\n')[0][:LONGEST]
                or _in_files(distribution))
    return ' '.join(told.replace('|', '/').split()) or 'not named'


def _in_files(distribution: Distribution) -> str:
    """Return the licence in a package.xml of ROS, or that a text of a known one is there."""
    found = []
    for file in distribution.files or ():
        path = Path(str(file.locate()))
        if path.name == 'package.xml' and path.exists():
            found += re.findall(r'<license[^>]*>([^<]+)', path.read_text())
        elif 'LICENSE' in path.name.upper() and path.is_file():
            text = path.read_text(errors='replace')
            found += [name for name, line in TEXTS.items() if line in text]
    return ', '.join(dict.fromkeys(found))


if __name__ == '__main__':
    sys.exit(main())
