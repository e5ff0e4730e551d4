# SPDX-License-Identifier: Apache-2.0
"""Processes that end, crash and must not be left behind."""

from collections.abc import Callable
from collections.abc import Iterator
import os
from pathlib import Path
import signal
import subprocess
import sys

from emorec_ros.run import supervisor as module
from emorec_ros.run.supervisor import Supervisor
from emorec_ros.runtime.exit_codes import how_it_ended
from patience import wait_until
import pytest

SLEEPER = [sys.executable, '-S', '-c', 'import time; time.sleep(60)']


class Run:
    """A supervisor and what it logged."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.supervisor = Supervisor(os.environ, self.log.append)

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


def test_a_killed_process_comes_back_under_a_new_pid(run: Run) -> None:
    """A kill by anybody is a crash."""
    run.supervisor.start('sleeper', SLEEPER)
    first = run.supervisor.pids()['sleeper']
    os.kill(first, signal.SIGKILL)
    run.until(lambda: run.supervisor.pids()['sleeper'] != first)
    assert 'SIGKILL' in run.log[0]
    assert alive(run.supervisor.pids()['sleeper'])


@pytest.mark.parametrize('code, words', [
    (3, 'exit code 3'), (-9, 'signal SIGKILL'), (-40, 'signal 40'),
    (-14, 'signal SIGALRM, as nothing moved in it')])
def test_how_a_process_ended_is_said_in_words(code: int, words: str) -> None:
    """Signals by their names, where they have one."""
    assert how_it_ended(code) == words


@pytest.mark.parametrize('seconds', [60, 0.3])
def test_a_stuck_node_is_ended_and_comes_back(
        run: Run, ros_domain: str, tmp_path: Path, seconds: float) -> None:
    """Also where Python's lock is held, as Fast DDS does; one that is slow goes on."""
    (tmp_path / 'node.py').write_text(f"""
import ctypes
from dataclasses import make_dataclass
from emorec_ros.runtime import watchdog
import emorec_ros.runtime.node as module

watchdog.STUCK_AFTER = 3.0


class Node(module.EmorecNode):
    def __init__(self):
        super().__init__('stuck', make_dataclass('Settings', []))
        self.create_timer(0.5, self.get_stuck)

    def get_stuck(self):
        ctypes.PyDLL(None).usleep({int(1e6 * seconds)})  # does not release the lock
        with open({str(tmp_path / 'turns')!r}, 'a') as turns:
            turns.write('.')


module.run(Node, 'stuck')
""")
    run.supervisor = Supervisor(os.environ, run.log.append)  # ros_domain has changed it
    run.supervisor.start('node', [sys.executable, str(tmp_path / 'node.py')])
    if seconds > 1:
        first = run.supervisor.pids()['node']
        run.until(lambda: run.supervisor.pids()['node'] != first)
        assert run.log == ['node ended with signal SIGALRM, as nothing moved in it; starting it '
                           'again in 0.5 s']
        return
    turns = tmp_path / 'turns'
    run.until(lambda: turns.exists() and turns.stat().st_size > 8)  # every 0.5 s at most
    assert run.log == []


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


def test_kill_9_of_the_supervisor_leaves_no_process() -> None:
    """The processes die with the one that started them, whatever happens to it."""
    code = ('import os, sys, time; from emorec_ros.run.supervisor import Supervisor; '
            's = Supervisor(os.environ); '
            's.start("sleeper", [sys.executable, "-S", "-c", "import time; time.sleep(60)"]); '
            'print(s.pids()["sleeper"], flush=True); time.sleep(60)')
    parent = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(child))
