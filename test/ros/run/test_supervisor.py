# SPDX-License-Identifier: Apache-2.0
"""Processes that end, crash and must not be left behind."""

from collections.abc import Callable
from collections.abc import Iterator
import os
from pathlib import Path
import signal
import subprocess
import sys
from time import sleep

from emorec_ros.run import supervisor as module
from emorec_ros.run.supervisor import Supervisor
from emorec_ros.runtime.process.exit_codes import how_it_ended
from patience import PATIENCE
from patience import wait_until
import pytest

SLEEPER = [sys.executable, '-S', '-c', 'import time; time.sleep(60)']


class Run:
    """A supervisor and what it logged."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.supervisor = Supervisor(lambda: os.environ, self.log.append)

    def until(self, done: Callable[[], object]) -> int | None:
        """Poll until `done()` or the end of the run."""
        codes: list[int | None] = []

        def over() -> bool:
            codes.append(self.supervisor.poll())
            return codes[-1] is not None or bool(done())
        wait_until(over, lambda: f'log: {self.log}')
        return codes[-1]


@pytest.fixture
def run() -> Iterator[Run]:
    """Return a supervisor that is stopped after the test."""
    run = Run()
    yield run
    run.supervisor.stop()


def alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except FileNotFoundError:
        return False


@pytest.mark.parametrize('code', [0, 2])
def test_finished_and_bad_input_end_the_run_with_their_code(run: Run, code: int) -> None:
    """0 and 2 are answers, not crashes."""
    run.supervisor.start('sleeper', SLEEPER)
    run.supervisor.start('ender', [sys.executable, '-S', '-c', f'raise SystemExit({code})'])
    assert run.until(lambda: False) == code
    assert run.supervisor.restarts == 0


def test_a_crash_is_restarted_after_half_a_second_doubling(run: Run) -> None:
    """The first restart comes after 0.5 s, the second a second later."""
    run.supervisor.start('crasher', [sys.executable, '-S', '-c', 'raise SystemExit(3)'])
    run.until(lambda: run.supervisor.restarts == 2)
    assert 'crasher ended with exit code 3; starting it again in 0.5 s' in run.log[0]
    assert 'in 1 s' in run.log[1]


def test_a_process_that_ran_for_long_comes_back_at_once(
        run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause is there for those that crash while they start."""
    monkeypatch.setattr(module, 'STEADY_AFTER', 0.0)
    run.supervisor.start('sleeper', SLEEPER)
    os.kill(run.supervisor.pids()['sleeper'], signal.SIGKILL)
    run.until(lambda: run.supervisor.restarts)
    assert run.log == ['sleeper ended with signal SIGKILL; starting it again at once']
    assert alive(run.supervisor.pids()['sleeper'])


def test_a_killed_process_comes_back_under_a_new_pid(run: Run) -> None:
    """A kill by anybody is a crash."""
    run.supervisor.start('sleeper', SLEEPER)
    first = run.supervisor.pids()['sleeper']
    os.kill(first, signal.SIGKILL)
    run.until(lambda: run.supervisor.pids()['sleeper'] != first)
    assert 'SIGKILL' in run.log[0]
    assert alive(run.supervisor.pids()['sleeper'])


@pytest.mark.parametrize('code, words', [
    (3, 'exit code 3'), (-9, 'signal SIGKILL'), (-40, 'signal 40'), (143, 'signal SIGTERM'),
    (-14, 'signal SIGALRM, as nothing moved in it')])
def test_how_a_process_ended_is_said_in_words(code: int, words: str) -> None:
    """Signals by their names, where they have one."""
    assert how_it_ended(code) == words


NODE = """
import ctypes
from dataclasses import make_dataclass
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.process import watchdog
import sys

watchdog.STUCK_AFTER = 3.0


class Node(EmorecNode):
    def __init__(self):
        super().__init__('patient', make_dataclass('Settings', []))
        self.create_timer(0.5, self.turn)

    def turn(self):
        {what}
        with open({turns!r}, 'a') as turns:
            turns.write('.')


sys.exit(run(Node, 'patient'))
"""
HANG = 'ctypes.PyDLL(None).usleep({microseconds})  # does not release the lock'
KILLED = 'node was killed, as nothing moved in patient for 3 s'


@pytest.fixture
def start(run: Run, ros_domain: str, tmp_path: Path) -> Callable[[str], Path]:
    """Run a node that does something every 0.5 s; return the file that grows with its turns."""
    turns = tmp_path / 'turns'

    def start(what: str = 'pass') -> Path:
        (tmp_path / 'node.py').write_text(NODE.format(what=what, turns=str(turns)))
        run.supervisor.start('node', [sys.executable, str(tmp_path / 'node.py')])
        return turns
    return start


def comes_back(run: Run) -> None:
    """Wait until another process stands for the node."""
    first = run.supervisor.pids()['node']
    run.until(lambda: run.supervisor.pids()['node'] != first)
    assert not alive(first)


def has_turns(turns: Path, more_than: int) -> bool:
    """Tell whether a node went round so often."""
    return turns.exists() and turns.stat().st_size > more_than


@pytest.mark.parametrize('what', [HANG.format(microseconds=60_000_000), 'while True: pass',
                                  'import time; time.sleep(60)'])
def test_a_node_that_hangs_or_computes_for_ever_is_replaced(
        run: Run, start: Callable[[str], Path], what: str) -> None:
    """Also where Python's lock is held, as Fast DDS does, and with one line that says so."""
    start(what)
    comes_back(run)
    assert [line.split(';')[0] for line in run.log] == [KILLED]


def test_a_node_that_hangs_when_it_is_just_back_gets_less_patience(
        run: Run, start: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """But only some times in a row, so that one that is slow there is not ended for ever."""
    monkeypatch.setattr(module, 'HASTY', 1)
    monkeypatch.setattr('emorec_ros.run.pulse.STUCK_WHEN_BACK', 1.5)
    start(HANG.format(microseconds=60_000_000))
    for _ in range(3):
        comes_back(run)
    assert [line.split(' for ')[1].split(';')[0] for line in run.log] == ['3 s', '1.5 s', '3 s']


def test_a_node_that_is_slow_goes_on(run: Run, start: Callable[[str], Path]) -> None:
    """It comes round, if late."""
    turns = start(HANG.format(microseconds=300_000))
    run.until(lambda: has_turns(turns, 8))
    assert run.log == []


def test_a_stopped_node_is_replaced(run: Run, start: Callable[[str], Path]) -> None:
    """Nobody else would notice: it cannot tell of itself."""
    turns = start()
    run.until(lambda: has_turns(turns, 1))
    os.kill(run.supervisor.pids()['node'], signal.SIGSTOP)
    comes_back(run)
    assert [line.split(';')[0] for line in run.log] == [KILLED]


def test_a_run_that_was_stopped_goes_on(run: Run, start: Callable[[str], Path]) -> None:
    """Time in which the supervisor did not run, either, says nothing about a node."""
    turns = start()
    run.until(lambda: has_turns(turns, 1))
    pid = run.supervisor.pids()['node']
    os.kill(pid, signal.SIGSTOP)
    sleep(4)  # longer than a node may be silent
    assert run.supervisor.poll() is None
    os.kill(pid, signal.SIGCONT)
    before = turns.stat().st_size
    run.until(lambda: has_turns(turns, before + 3))
    assert run.log == []
    assert run.supervisor.pids()['node'] == pid


def test_a_node_that_is_told_to_end_comes_back(run: Run, start: Callable[[str], Path]) -> None:
    """SIGTERM of one node is its crash, and not the end of the run."""
    turns = start()
    run.until(lambda: has_turns(turns, 1))
    os.kill(run.supervisor.pids()['node'], signal.SIGTERM)
    comes_back(run)
    assert len(run.log) == 1 and 'ended with signal SIGTERM; starting it again' in run.log[0]


def test_a_node_alone_outlives_a_stop_and_ends_when_it_hangs(
        ros_domain: str, tmp_path: Path) -> None:
    """The alarm asks twice: what only was stopped answers."""
    turns = tmp_path / 'turns'
    (tmp_path / 'node.py').write_text(NODE.format(turns=str(turns), what=(
        f'if open({str(tmp_path / "hang")!r}).read(): '
        + HANG.format(microseconds=60_000_000))))
    (tmp_path / 'hang').touch()
    node = subprocess.Popen([sys.executable, str(tmp_path / 'node.py')])
    try:
        wait_until(lambda: has_turns(turns, 1))
        node.send_signal(signal.SIGSTOP)
        sleep(4)  # longer than a node may be silent
        node.send_signal(signal.SIGCONT)
        before = turns.stat().st_size
        wait_until(lambda: has_turns(turns, before + 3) or node.poll() is not None)
        assert node.poll() is None
        (tmp_path / 'hang').write_text('now')
        assert node.wait(PATIENCE) == -signal.SIGALRM
    finally:
        node.kill()
        node.wait()


def test_stop_ends_even_a_process_that_ignores_sigterm(
        run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the grace time there is nothing left."""
    monkeypatch.setattr(module, 'GRACE', 0.3)
    ready = tmp_path / 'ready'
    run.supervisor.start('stubborn', [
        sys.executable, '-S', '-c', 'import signal, time; '
        f'signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, "w"); '
        'time.sleep(60)'])
    wait_until(ready.exists)
    pid = run.supervisor.pids()['stubborn']
    run.supervisor.stop()
    assert not alive(pid)


@pytest.mark.parametrize('dead', [False, True])
def test_a_crashed_node_is_replaced_by_a_warm_process(
        run: Run, ros_domain: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        dead: bool) -> None:
    """It looks like any other, and where there is none, a cold one stands in."""
    monkeypatch.setattr(module, 'STEADY_AFTER', 0.0)
    monkeypatch.setattr(module, 'LONGEST_DELAY', 600.0)
    run.supervisor = Supervisor(lambda: os.environ, run.log.append, spares=True)
    command = [sys.executable, '-m', 'emorec_ros.aggregator', '--ros-args', '-p', 'window:=7']
    run.supervisor.start('aggregator', command)
    first = run.supervisor.pids()['aggregator']
    spares: list[int] = []

    def has_spare() -> bool:
        spares[:] = [pid for pid in children() if b'.run.spare' in command_of(pid)]
        return bool(spares)
    run.until(has_spare)
    if dead:
        os.kill(spares[0], signal.SIGKILL)
        wait_until(lambda: not alive(spares[0]))
    os.kill(first, signal.SIGKILL)
    run.until(lambda: run.supervisor.pids()['aggregator'] != first)
    second = run.supervisor.pids()['aggregator']
    assert (second in spares) is not dead
    wait_until(lambda: command_of(second).rstrip(b'\0').split(b'\0')
               == [os.fsencode(word) for word in command])
    run.until(lambda: b'libfast' in Path(f'/proc/{second}/maps').read_bytes())
    assert len(run.log) == 1


def children() -> list[int]:
    """Return the processes that this one started."""
    found = []
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            state, parent = path.read_text().rsplit(')', 1)[1].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == os.getpid() and state != 'Z':
            found.append(int(path.parent.name))
    return found


def command_of(pid: int) -> bytes:
    """Return the command line of a process as it shows."""
    return Path(f'/proc/{pid}/cmdline').read_bytes()


def test_kill_9_in_the_middle_of_a_start_leaves_no_process(tmp_path: Path) -> None:
    """The kernel does not tell a child of the parent that died before the child asked for it."""
    begun = tmp_path / 'begun'
    code = (f'import os, sys, time\n'
            'from emorec_ros.run.supervisor import Supervisor\n'
            'def linger():\n'
            f'    open({str(begun)!r} + ".part", "w").write(str(os.getpid()))\n'
            f'    os.rename({str(begun)!r} + ".part", {str(begun)!r})\n'
            '    time.sleep(1)\n'
            'os.register_at_fork(after_in_child=linger)\n'
            'Supervisor(lambda: os.environ).start('
            '"sleeper", [sys.executable, "-S", "-c", "import time; time.sleep(300)"])\n')
    parent = subprocess.Popen([sys.executable, '-c', code])
    wait_until(begun.exists)
    child = int(begun.read_text())
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(child))


def test_kill_9_of_the_supervisor_leaves_no_process() -> None:
    """The processes die with the one that started them, whatever happens to it."""
    code = ('import os, sys, time; from emorec_ros.run.supervisor import Supervisor; '
            's = Supervisor(lambda: os.environ); '
            's.start("sleeper", [sys.executable, "-S", "-c", "import time; time.sleep(60)"]); '
            'print(s.pids()["sleeper"], flush=True); time.sleep(60)')
    parent = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(child))
