# SPDX-License-Identifier: Apache-2.0
"""The emorec command as a whole: its help, its errors, and what it loads."""
import argparse
from collections.abc import Callable
from pathlib import Path
import subprocess
import sys

from emorec_cli import main as command
from emorec_vision.errors import InputError
import pytest

HEAVY = ['cv2', 'keras', 'onnxruntime', 'rclpy', 'tensorflow']


def use_handler(monkeypatch: pytest.MonkeyPatch, handler: Callable[..., int]) -> None:
    """Let the command have one sub-command, `try`, that runs a function."""
    parser = argparse.ArgumentParser()
    parser.add_subparsers().add_parser('try').set_defaults(run=handler)
    monkeypatch.setattr(command, 'make_parser', lambda: parser)


def test_help_loads_no_heavy_library() -> None:
    """The parser of all commands is there without vision, ROS 2 or TensorFlow."""
    code = (f'import sys; from emorec_cli.main import make_parser; make_parser();'
            f'print([name for name in {HEAVY} if name in sys.modules])')
    run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert run.stdout == '[]\n'


def test_bad_input_is_one_line_and_status_2(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An InputError becomes its text, not a traceback."""
    def handler(arguments: argparse.Namespace) -> int:
        raise InputError('no such folder: /nowhere')
    use_handler(monkeypatch, handler)
    assert command.main(['try']) == 2
    assert capsys.readouterr().err == 'emorec: no such folder: /nowhere\n'


@pytest.mark.parametrize('status', [0, 2, 3])
def test_status_of_the_handler_is_returned(
        monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """The handler decides about the exit status."""
    use_handler(monkeypatch, lambda arguments: status)
    assert command.main(['try']) == status


def test_closed_pipe_ends_it_quietly() -> None:
    """`emorec ... | head` leaves no traceback and status 0."""
    code = ('import argparse; from emorec_cli import main as m\n'
            'p = argparse.ArgumentParser()\n'
            'run = lambda _: print("x" * 100000, flush=True) or print("y", flush=True) or 0\n'
            'p.add_subparsers().add_parser("try").set_defaults(run=run)\n'
            'm.make_parser = lambda: p\n'
            'raise SystemExit(m.main(["try"]))')
    run = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    assert run.stdout is not None and run.stderr is not None
    run.stdout.close()
    assert run.stderr.read() == b''
    assert run.wait() == 0


@pytest.mark.parametrize('arguments', [[], ['dance']])
def test_unknown_command_is_status_2(arguments: list[str]) -> None:
    """What is no command is refused."""
    with pytest.raises(SystemExit) as exit_info:
        command.main(arguments)
    assert exit_info.value.code == 2


def test_installed_command_runs_from_any_folder(tmp_path: Path) -> None:
    """`.venv/bin/emorec` needs nothing sourced."""
    program = Path(sys.prefix) / 'bin' / 'emorec'
    if not program.exists():
        pytest.skip(f'no {program}: emorec is not installed into this environment')
    run = subprocess.run([program, '--help'], cwd=tmp_path, env={}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith('usage: emorec')
