# SPDX-License-Identifier: Apache-2.0
"""What is installed is known by its hash and its licence."""
from importlib.metadata import distributions
import importlib.util
from pathlib import Path
import re
import shutil
import subprocess

from packaging.markers import Marker
import pytest

ROOT = Path(__file__).resolve().parent.parent
LISTS = sorted(path.stem for path in (ROOT / 'requirements').glob('*.txt')
               if path.stem not in ('constraints', 'weights'))
PINNED = re.compile(r'^([\w.-]+)(?:\[[\w,]+\])?==(\S+)(?: ; (.+?))?((?: \\\n    --hash=sha256:'
                    r'[0-9a-f]{64})+)$', re.MULTILINE)
SPEC = importlib.util.spec_from_file_location('licences', ROOT / 'tools' / 'licences.py')
assert SPEC is not None and SPEC.loader is not None
licences = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(licences)


def locked(name: str) -> str:
    """Return what is in a list with hashes."""
    return (ROOT / 'requirements' / 'locked' / f'{name}.txt').read_text()


@pytest.mark.parametrize('name', LISTS)
def test_every_requirement_is_there_with_hashes(name: str) -> None:
    """In the version of its list, and nothing is in the file that is not pinned so."""
    text = locked(name)
    assert PINNED.sub('', text).strip() == ''
    versions = {(licences.canonical(found[0]), found[1]) for found in PINNED.findall(text)}
    wanted = re.findall(r'^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)',
                        (ROOT / 'requirements' / f'{name}.txt').read_text(), re.MULTILINE)
    assert wanted
    assert {(licences.canonical(package), version) for package, version in wanted} <= versions


def test_lists_that_are_installed_together_agree() -> None:
    """One version of a package for one Python, whichever list brings it; as pip sees it."""
    for ros in ('ros-jazzy', 'ros-kilted'):
        seen: dict[tuple[str, str], str] = {}
        for name in LISTS:
            if name == 'tools' or name.startswith('ros-') and name != ros:
                continue
            for package, version, marker, _ in PINNED.findall(locked(name)):
                for python in ('3.10', '3.11', '3.12', '3.13'):
                    here = {'python_version': python, 'python_full_version': f'{python}.0'}
                    if marker and not Marker(marker).evaluate(here):
                        continue
                    assert seen.setdefault((package, python), version) == version, (name, package)


def test_no_host_of_a_registry_is_named() -> None:
    """The lists hold for whichever registry pip is set to."""
    files = [*(ROOT / 'requirements').rglob('*.txt'), *(ROOT / 'tools').iterdir()]
    for path in files:
        if path.is_file():
            assert not re.search(r'https?:|--(?:extra-)?index|pypi\.org', path.read_text()), path


def test_pip_installs_by_hash_and_wheels_only(tmp_path: Path) -> None:
    """Every call of pip, from its own version on; what is built finds all it needs installed."""
    for folder in ('tools', 'requirements'):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    python = tmp_path / 'python'
    python.write_text('#!/bin/sh\ncase "$2" in\n'
                      '  venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;\n'
                      '  pip) echo "$@" >>"$CALLS";;\nesac\n')
    python.chmod(0o755)
    calls = tmp_path / 'calls'
    subprocess.run([tmp_path / 'tools' / 'setup.sh', 'test', 'training', 'serve'], check=False,
                   capture_output=True, env={'PATH': '/usr/bin:/bin', 'PYTHON': str(python),
                                             'CALLS': str(calls)})
    lines = calls.read_text().splitlines()
    assert len(lines) >= 3 and 'locked/bootstrap.txt' in lines[0]
    for line in lines:
        assert '--require-hashes --no-build-isolation --only-binary :all: ' in line, line
        lists = re.findall(r'-r requirements/([\w/-]+)\.txt', line)
        assert lists and all(name.startswith('locked/') or name == 'weights' for name in lists)


def test_the_page_of_licences_names_every_package_and_what_it_says_itself() -> None:
    """Made by `make licences`; a package that is here in that version is asked."""
    page = licences.read_page()
    lists = licences.locked_lists()
    assert {name: set(row[2].split(', ')) for name, row in page.items()} == lists
    assert 'not named' not in [row[1] for row in page.values()]
    asked = 0
    for each in distributions():
        row = page.get(licences.name_of(each))
        if row is not None and row[0] == each.version:
            asked += 1
            assert licences.licence_of(each) == row[1], licences.name_of(each)
    assert asked > 20
