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

HEAVY = ['cv2', 'emorec_training', 'keras', 'onnxruntime', 'rclpy', 'tensorflow']


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


@pytest.mark.parametrize('text', ['\x1b[2J no such folder\nemorec: all is well', 'x' * 10_000])
def test_no_complaint_is_long_or_forges_another_line(
        text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a file or a machine is called."""
    def handler(arguments: argparse.Namespace) -> int:
        raise InputError(text)
    use_handler(monkeypatch, handler)
    assert command.main(['try']) == 2
    line, = capsys.readouterr().err.splitlines()
    assert len(line) <= 500 and line.isprintable()


def test_an_argument_that_is_none_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser repeats it as escapes."""
    with pytest.raises(SystemExit):
        command.main(['live', '--source', 'demo', '\x1b[2J'])
    assert '\x1b' not in capsys.readouterr().err


@pytest.mark.parametrize('arguments, meant', [
    (['watch', '--souce', 'demo'], '--source'), (['predict', '--peple=DIR', 'x.png'], '--people'),
    (['emotions', 'train', 'x.csv', '--live_crops', '0.5'], '--live-crops'),
    (['emotions', 'evaluate', 'accurate', 'x.csv', '--per-persn'], '--per-person')])
def test_a_mistyped_option_is_told_with_the_right_one(
        arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By the command that was meant, with its own usage."""
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    told = capsys.readouterr().err
    assert end.value.code == 2 and told.endswith(f'; did you mean {meant}?\n')
    words = 2 if arguments[0] == 'emotions' else 1
    assert told.startswith(f'usage: emorec {" ".join(arguments[:words])}')


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


@pytest.mark.parametrize('line, room, advice', [
    ('emotions train data.csv', 'emorec_training', ('make training', '-DEMOREC_TRAINING=ON')),
    ('emotions networks', 'emorec_training', ('make training', '-DEMOREC_TRAINING=ON')),
    ('hack', 'emorec_training', ('make training', '-DEMOREC_TRAINING=ON')),
    ('faces evaluate .', 'emorec_training', ('make training', '-DEMOREC_TRAINING=ON')),
    ('serve', 'emorec_service', ('make service', '-DEMOREC_SERVICE=ON'))])
def test_a_command_whose_room_a_robot_left_out_says_what_to_install(
        line: str, room: str, advice: tuple[str, ...], monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """One line, status 2, whatever else is missing; the list of commands is there."""
    for name in ('emorec_training', 'emorec_service', 'keras', 'fastapi', 'matplotlib'):
        monkeypatch.setitem(sys.modules, name, None)
    assert command.main(line.split()) == 2
    complaint, = capsys.readouterr().err.splitlines()
    assert all(words in complaint for words in (room, *advice))
    with pytest.raises(SystemExit, match='0'):
        command.main(['--help'])


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


def try_out(handler: str, shell: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose only sub-command, `try`, is a lambda, as COMMAND in a shell line."""
    code = ('import argparse; import sys; from emorec_cli import main as m\n'
            'def interrupt(): raise KeyboardInterrupt\n'
            'p = argparse.ArgumentParser()\n'
            't = p.add_subparsers().add_parser("try"); t.add_argument("name", nargs="?")\n'
            f't.set_defaults(run=lambda arguments: {handler})\n'
            'm.make_parser = lambda: p\n'
            'sys.exit(m.main())')
    return subprocess.run(
        ['bash', '-c', shell.replace('COMMAND', '"$0" -c "$1" try'), sys.executable, code],
        capture_output=True, text=True, check=False)


@pytest.mark.parametrize('handler, shell, status, output, complaint', [
    ('interrupt()', 'COMMAND', 130, '', ''),
    ('print("x") or 0', 'COMMAND >&-', 0, '', ''),
    ('print("x") or 0', 'COMMAND <&- 2>&-', 0, 'x\n', ''),
    ('print("x", file=sys.stderr) or 0', 'COMMAND 2>&-', 0, '', ''),
    ('print("x") or 0', 'COMMAND >/dev/full', 2, '',
     'emorec: cannot write the output: No space left on device\n'),
    ('1 / 0', 'COMMAND >&- 2>&-', 1, '', ''),
    ('open("none")', 'COMMAND', 2, '', 'emorec: cannot use none: No such file or directory\n'),
    ('open("/")', 'COMMAND', 2, '', 'emorec: cannot use /: Is a directory\n'),
    ('print("\\u00e9\\udcff") or 0', 'PYTHONIOENCODING=ascii COMMAND', 0,
     '\\xe9\\udcff\n', ''),
    ('0', "COMMAND $'\\xff.png'", 2, '',
     "emorec: the argument '\\udcff.png' is not in UTF-8; rename the file\n"),
])
def test_ends_without_a_traceback(
        handler: str, shell: str, status: int, output: str, complaint: str) -> None:
    """Ctrl-C, closed or full outputs and odd names are no reason for one."""
    run = try_out(handler, shell)
    assert (run.returncode, run.stdout, run.stderr) == (status, output, complaint)


def commands_of(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """Return the parsers of all commands below `parser`, at any depth."""
    return [found for action in parser._actions if isinstance(action.choices, dict)
            for choice in action.choices.values() for found in (choice, *commands_of(choice))]


def test_help_shows_only_defaults_that_say_something() -> None:
    """Among them 0, but no "(default: None)" beside an option that is just not given."""
    helps = [' '.join(each.format_help().split()) for each in commands_of(command.make_parser())]
    assert len(helps) > 20 and '(default: 0)' in ''.join(helps)
    nothing = ('(default: None)', '(default: False)', '(default: )')
    assert [text.split()[:4] for text in helps if any(each in text for each in nothing)] == []


def test_options_of_training_are_there_once_it_is_asked_for(
        capsys: pytest.CaptureFixture[str]) -> None:
    """The settings of emorec_training become options although the parser is made without it."""
    pytest.importorskip('emorec_training', reason='emorec_training is not installed')
    with pytest.raises(SystemExit) as exit_info:
        command.main(['emotions', 'train', '--help'])
    assert exit_info.value.code == 0
    assert '--batch-size' in capsys.readouterr().out
