#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Give emorec damaged images, videos, bags, recordings, models and people; see fuzz_seeds.py.

    .venv/bin/python benchmarks/fuzz_files.py --count 3000 --commands 60

Each file is read in a process that has read others before, and some by the real commands. What
ends in anything but a result or an InputError on one line is counted and named: tracebacks,
hangs, wrong exit codes (of crashes too), lines of libraries, and files that are left over. Exit
status 1 if there was any. The same --seed damages the same files in the same way.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
import json
import os
from pathlib import Path
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from typing import Any

import cv2
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.errors import InputError
from emorec_vision.people.model import open_model
from emorec_vision.sources import open_source
from emorec_vision.sources.camera_info import load_camera_calibration
from emorec_vision.sources.images import read_image
from fuzz_seeds import damage
from fuzz_seeds import write_seeds

REFUSED = 'refused'
START_S = 60
"""Until a worker has imported everything, on a busy machine."""
MEMORY = 8 * 2**30
MOST_FRAMES = 100
COMMANDS = {
    'image': ['predict', 'CASE'], 'video': ['preprocess', 'CASE', '--out', 'OUT'],
    'bag': ['watch', '--source', 'bag:CASE'], 'people': ['faces', 'list', '--people', 'CASE'],
    'recording': ['watch', '--source', 'recording:CASE'],
    'model': ['predict', 'none.png', '--model', 'CASE']}


def use(kind: str, path: Path) -> None:
    """Read a file as emorec does."""
    if kind == 'image':
        read_image(path)
    elif kind == 'model':
        EmotionModel(path)
    elif kind == 'people':
        open_model(path, recognizer='lbph')
    elif kind == 'calibration':
        load_camera_calibration(path)
    else:
        with open_source(f'{kind}:{path}') as source:
            for _ in range(MOST_FRAMES):
                if source.read() is None:
                    break
            source.take_warnings()


def work() -> None:
    """Read what standard input names, and answer each with what happened, as JSON."""
    cv2.setNumThreads(1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    print(json.dumps('ready'), file=answers, flush=True)
    for line in sys.stdin:
        kind, name = json.loads(line)
        said = ''
        try:
            use(kind, Path(name))
        except InputError as error:
            said = str(error) if '\n' in str(error) else REFUSED
        except BaseException:  # noqa: B902 - that is what is looked for
            said = traceback.format_exc()
        print(json.dumps(said), file=answers, flush=True)


class Worker:
    """A process that reads files, started again where one hangs or crashes."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder, self._seconds = folder, seconds
        self._process: subprocess.Popen[str] | None = None

    def run(self, kind: str, path: Path) -> tuple[str, str]:
        """Return what is wrong and more about it, as `command` does."""
        if self._process is None:
            self._errors = open(self._folder / 'stderr', 'w+')
            self._process = subprocess.Popen(
                [sys.executable, __file__, '--worker'], stdin=subprocess.PIPE, text=True,
                stdout=subprocess.PIPE, stderr=self._errors, cwd=self._folder,
                env={**os.environ, 'TMPDIR': str(self._folder / 'tmp')})
            self._answer(START_S)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([kind, str(path)]) + '\n')
        self._process.stdin.flush()
        said = self._answer(self._seconds)
        self._errors.seek(0)
        printed = self._errors.read()
        self._errors.seek(0)
        self._errors.truncate()
        if said is None:
            code = self._process.poll()
            self.close()
            return ('hang', '') if code is None else ('wrong exit code', f'{code} {printed}')
        if said not in ('', REFUSED):
            return 'traceback', said
        return ('printed', printed) if printed else ('', said)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answer(self, seconds: float) -> Any:
        """Return what the process says, None if it says nothing in time."""
        assert self._process is not None and self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        line = self._process.stdout.readline() if ready else ''
        if ready and not line:
            self._process.wait()
        return json.loads(line) if line else None


def command(kind: str, path: Path, folder: Path, seconds: float) -> tuple[str, str]:
    """Return what is wrong with a real command on a file ('' where nothing is), and more.

    More about a file with which nothing is wrong is '' where it was read, else REFUSED.
    """
    words = [word.replace('CASE', str(path)).replace('OUT', str(path.with_name('out')))
             for word in COMMANDS[kind]]
    run = subprocess.Popen([sys.executable, '-m', 'emorec_cli.main', *words], cwd=folder,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                           env={**os.environ, 'TMPDIR': str(folder / 'tmp')})
    try:
        errors = run.communicate(timeout=2 * seconds)[1]
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.communicate()
        return 'hang', ''
    if 'Traceback' in errors:
        return 'traceback', errors
    told = [line for line in errors.splitlines() if line.startswith('emorec: ')]
    if run.returncode not in (0, 2) or run.returncode == 2 and not told:
        return 'wrong exit code', f'{run.returncode} {errors}'
    others = [line for line in errors.splitlines() if not line.startswith('emorec: ')]
    return ('printed', '\n'.join(others)) if others else ('', REFUSED * (run.returncode == 2))


def listing(folder: Path) -> set[str]:
    """Return what is in a folder, but for what a command was asked to write."""
    return {str(path.relative_to(folder)) for path in folder.rglob('*')
            if path.name != '.lock' and 'out' not in path.relative_to(folder).parts}


def fuzz(numbers: range, worker_folder: Path, seeds: dict[str, list[Path]], seed: int,
         seconds: float, by_command: bool) -> Iterator[tuple[str, str, str, str]]:
    """Yield of each case its kind, what is wrong, what was damaged and more about it."""
    (worker_folder / 'tmp').mkdir(parents=True)
    worker = Worker(worker_folder, seconds)
    for number in numbers:
        rng = random.Random(f'{seed}/{by_command}/{number}')
        kind = rng.choice(sorted(COMMANDS) if by_command else sorted(seeds))
        source = rng.choice(seeds[kind])
        home = worker_folder / 'case'
        home.mkdir()
        case = home / source.name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, case)
        done = ', '.join(damage(case, rng) for _ in range(rng.choice([1, 1, 2]))
                         if source.is_dir() and any(map(Path.is_file, case.rglob('*')))
                         or case.is_file())
        before = listing(worker_folder)
        wrong, more = (command(kind, case, worker_folder, seconds) if by_command
                       else worker.run(kind, case))
        left = (listing(worker_folder) - before) - {'stderr'}
        if left and not wrong:
            wrong, more = 'left-over', str(sorted(left)[:3])
        yield kind, wrong, f'{number} {source.name}: {done}', more
        shutil.rmtree(home)
        for path in (worker_folder / 'tmp').iterdir():
            shutil.rmtree(path, ignore_errors=True)
    worker.close()


def main() -> int:
    """Fuzz, print the figures and what is wrong, and return 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--count', type=int, default=3000, help='files read in a process')
    parser.add_argument('--commands', type=int, default=60, help='files given to real commands')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--seconds', type=float, default=10.0, help='after which one hangs')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--worker', action='store_true', help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work()
        return 0
    kinds: Counter[str] = Counter()
    wrongs: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix='emorec_fuzz_') as name:
        seeds = write_seeds(Path(name) / 'seeds')

        def part(first: int) -> int:
            refused = 0
            for by_command, count in ((False, arguments.count), (True, arguments.commands)):
                for kind, wrong, what, more in fuzz(
                        range(first, count, arguments.workers),
                        Path(name) / f'{first}{by_command}', seeds, arguments.seed,
                        arguments.seconds, by_command):
                    kinds[f'{kind}{" by command" if by_command else ""}'] += 1
                    refused += not wrong and more == REFUSED
                    if wrong:
                        wrongs[wrong] += 1
                        print(f'{wrong}: {kind} {what}\n{more[-1500:]}', flush=True)
            return refused

        with ThreadPoolExecutor(arguments.workers) as pool:
            refused = sum(pool.map(part, range(arguments.workers)))
    print(', '.join(f'{kind} {count}' for kind, count in sorted(kinds.items())))
    print(f'refused in one line: {refused}')
    print(', '.join(f'{kind}: {wrongs[kind]}' for kind in (
        'traceback', 'hang', 'wrong exit code', 'printed', 'left-over')))
    return 1 if wrongs else 0


if __name__ == '__main__':
    sys.exit(main())
