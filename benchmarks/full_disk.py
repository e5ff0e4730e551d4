#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fill the disk under commands that write, at many points, and look at what is left of it all.

    .venv/bin/python benchmarks/full_disk.py [--points 60]

Each command runs on a file system in memory of its own that has room for a part of what it writes:
from nothing to more than enough, in equal steps. Afterwards there must be the old state or
the new one (of what is written step by step, such as photos or frames: whole steps); where it is
not the new one, the command must have ended with another status than 0 and one line. Prints a row
for each command. It needs to mount, as root or in a user namespace (unshare), and Keras for
`emotions train`.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
import hashlib
from importlib.util import find_spec
import json
import math
import os
from pathlib import Path
import sqlite3
import subprocess
import sys
from tempfile import TemporaryDirectory
import zipfile

import cv2
from emorec_vision.people.store import PeopleStore
from emorec_vision.sources import open_source
from emorec_vision.sources.demo.portrait import load_portrait
from killed_training import SLIM_EMOREC
from killed_training import TRAIN
from killed_training import write_bars
import numpy as np
from tqdm import tqdm

PAGE = 4096
EMOREC = 'import sys; from emorec_cli.main import main; sys.exit(main(sys.argv[1:]))'
STORE = """
import sys
from emorec_service.pictures.seen import SeenPicture
from emorec_service.store.results import Store
picture = SeenPicture(b'', 'image/png', 9, 9, [])
try:
    store = Store(f'sqlite:///{sys.argv[1]}/results.db')
    for number in range(60):
        store.add(picture, f'{number}' * 99, 0.5)
        print(number, flush=True)
except Exception as error:
    sys.exit(f'emorec: {str(error).splitlines()[0]}')
"""
"""What a request of `emorec serve` does once the answer is there: a number is an answer given."""


@dataclass(frozen=True)
class Case:
    """A command.

    Attributes:
        prepare: makes the old state in a folder, {} of which stands for it in `arguments`.
        state: says what there is, in a form that can be compared; raises where it is broken.
        replaces: whether what is old and what is new lie beside each other for a while.
        journal: bytes of files that are removed at the end.
        between: whether a third state is right, of the old, the third and the new one, and the
            lines that were printed.
    """

    name: str
    code: str
    arguments: tuple[str, ...]
    prepare: Callable[[Path], None]
    state: Callable[[Path], object]
    replaces: bool = False
    journal: int = 0
    between: Callable[[object, object, object, list[str]], bool] = lambda *_: False


def portraits(seed: int) -> list[np.ndarray]:
    """Return made-up photos of one person, gray uint8 (150, 150)."""
    rng = np.random.default_rng(seed)
    face = rng.integers(0, 256, (15, 15)).repeat(10, 0).repeat(10, 1)
    return [np.clip(face + rng.normal(0, 9, face.shape), 0, 255).astype(np.uint8)
            for _ in range(3)]


def make_people(folder: Path) -> None:
    """Make a people folder of Ada and Bob, with the larger model (LBPH)."""
    people = PeopleStore(folder / 'people', recognizer='lbph')
    for seed, name in enumerate(('Ada', 'Bob')):
        people.add(name, portraits(seed))
    people.train()


def make_untrained(folder: Path) -> None:
    """Make the same folder, with a third person who is in no model yet."""
    make_people(folder)
    PeopleStore(folder / 'people').add('Cleo', portraits(2))


def people_state(folder: Path) -> object:
    """Return who is there with how many photos, all of them readable, and who the model knows."""
    warnings: list[str] = []
    store = PeopleStore(folder / 'people', warn=warnings.append, recognizer='lbph')
    store.read()
    if warnings or store.model.names != store.names():
        raise ValueError(f'{warnings} {store.model.names}')
    return store.counts()


def model_state(folder: Path) -> object:
    """Return the same, and whether the model on the disk is the one of all of them."""
    index = json.loads((folder / 'people' / '.model' / 'people.json').read_text())
    file = folder / 'people' / '.model' / index['file']
    if hashlib.sha256(file.read_bytes()).hexdigest() != index['sha256']:
        raise ValueError('the model is not what was written')
    return people_state(folder), [person['name'] for person in index['people']]


def recording_state(folder: Path) -> object:
    """Return the number of frames of a recording, all of which must be whole."""
    if not (folder / 'recording').is_dir() or not any((folder / 'recording').iterdir()):
        return 0
    with open_source(f'recording:{folder / "recording"}') as source:
        frames = 0
        while source.read() is not None:
            frames += 1
        if source.take_warnings():
            raise ValueError('a frame is broken')
    return frames


def store_state(folder: Path) -> object:
    """Return how many results a new start of the service finds."""
    if not (folder / 'results.db').exists():
        return 0
    with closing(sqlite3.connect(folder / 'results.db')) as database:
        if database.execute('PRAGMA integrity_check').fetchone() != ('ok',):
            raise ValueError('the database is broken')
        try:
            count = database.execute('SELECT count(*) FROM emorec_pictures').fetchone()[0]
        except sqlite3.OperationalError:  # there is no table yet
            return 0
    return count


def training_state(folder: Path) -> object:
    """Return the epochs in the checkpoint of a run, 0 without one."""
    weights = folder / 'run' / 'model.keras'
    if weights.exists() and zipfile.ZipFile(weights).testzip() is not None:
        raise ValueError('the weights are broken')
    if not (folder / 'run' / 'checkpoint.npz').exists():
        return 0
    with np.load(folder / 'run' / 'checkpoint.npz', allow_pickle=False) as stored:
        return len(json.loads(str(dict(stored)['history'])))


def some_steps(old: object, now: object, new: object, said: list[str]) -> bool:
    """Tell whether a count lies between the old and the new one."""
    return int(str(old)) <= int(str(now)) <= int(str(new))


def more_photos(old: object, now: object, new: object, said: list[str]) -> bool:
    """Tell whether nobody but the new person differs, who has some of the photos."""
    assert isinstance(old, dict) and isinstance(now, dict) and isinstance(new, dict)
    return {**new, 'Eileen': now.get('Eileen')} == now and now['Eileen'] <= new['Eileen']


def all_answered(old: object, now: object, new: object, said: list[str]) -> bool:
    """Tell whether exactly what was answered is stored."""
    return now == len(said)


def cases(work: Path, keras: bool) -> list[Case]:
    """Return the commands; what they read lies outside of the small disk."""
    film = write_film(work / 'film')
    people = ('--people', '{}/people')
    found = [
        Case('faces acquire', EMOREC, ('faces', 'acquire', '--name', 'Eileen', '--num-photos', '3',
             '--source', f'images:{film}', *people), make_people, people_state,
             between=more_photos),
        Case('faces train', EMOREC, ('faces', 'train', *people, '--recognizer', 'lbph'),
             make_untrained, model_state, replaces=True),
        Case('faces forget', EMOREC, ('faces', 'forget', 'Ada', *people), make_people,
             people_state, replaces=True),
        Case('faces rename', EMOREC, ('faces', 'rename', 'Ada', 'Eve', *people), make_people,
             people_state, replaces=True),
        Case('record', EMOREC, ('record', '{}/recording', '--source', f'images:{film}',
             '--keep-free', '0.0000001'), lambda folder: None, recording_state,
             between=some_steps),
        Case('serve (history)', STORE, ('{}',), lambda folder: None, store_state,
             journal=500_000, between=all_answered)]
    if keras:
        csv = write_bars(work / 'faces.csv')
        found.append(Case(
            'emotions train', SLIM_EMOREC, ('emotions', 'train', str(csv), '--out', '{}/run',
                                            *TRAIN), lambda folder: None, training_state,
            between=some_steps))
    return found


def write_film(folder: Path) -> Path:
    """Write images of a face at different places and distances, and return their folder."""
    folder.mkdir()
    face = cv2.cvtColor(load_portrait(), cv2.COLOR_RGB2BGR)
    for number in range(12):
        bgr = np.full((480, 640, 3), 120, np.uint8)
        side = 220 + 15 * number
        bgr[40:40 + side, 20 + 12 * number:20 + 12 * number + side] = cv2.resize(
            face, (side, side))
        cv2.imwrite(str(folder / f'{number:02}.png'), bgr)
    return folder


@contextmanager
def small_disk(place: Path) -> Iterator[Callable[[int], None]]:
    """Mount a disk in memory; give what sets the bytes that are left on it."""
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', place], check=True)

    def leave(free: int) -> None:
        usage = os.statvfs(place)
        used = (usage.f_blocks - usage.f_bfree) * usage.f_frsize
        size = max(used + free, PAGE)
        subprocess.run(['mount', '-o', f'remount,size={size}', place], check=True)
    try:
        yield leave
    finally:
        subprocess.run(['umount', place], check=True)


def execute(case: Case, place: Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    arguments = [argument.replace('{}', str(place)) for argument in case.arguments]
    return subprocess.run([sys.executable, '-c', case.code, *arguments], capture_output=True,
                          text=True, check=check, stdin=subprocess.DEVNULL)


def need(case: Case, place: Path) -> tuple[int, object]:
    """Return about how many bytes a command needs beside the old state, and the new state."""
    with small_disk(place):
        case.prepare(place)
        before = os.statvfs(place)
        execute(case, place, check=True)
        after = os.statvfs(place)
        pages = (after.f_blocks if case.replaces else before.f_bfree) - after.f_bfree
        return pages * after.f_frsize + case.journal, case.state(place)


def run(case: Case, place: Path, free: int, new: object) -> str:
    """Run a command with so much room; return what was wrong with its end or, in a word, right."""
    with small_disk(place) as leave:
        case.prepare(place)
        old = case.state(place)
        leave(free)
        done = execute(case, place)
        leave(1 << 30)
        said = done.stdout.splitlines()
        complaints = [line for line in done.stderr.splitlines()
                      if line.startswith(('emorec: ', 'Traceback'))
                      and 'are found by' not in line and 'recogniser:' not in line]
        try:
            now = case.state(place)
        except Exception as error:  # whatever a broken file makes of its reader
            return f'BROKEN with {free} bytes: {type(error).__name__}: {error}'
        if done.returncode and (len(complaints) != 1 or not complaints[0].startswith('emorec: ')):
            return f'{len(complaints)} LINES with {free} bytes: {complaints[-1:]}'
        if not done.returncode:
            return 'done' if now == new else f'LOST with {free} bytes: {now}'
        if now in (old, new):
            return 'old' if now == old else 'new, and an error'
        return 'part' if case.between(old, now, new, said) else f'OTHER with {free} bytes: {now}'


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description='What a full disk leaves of files.',
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--points', type=int, default=60, help='in all')
    parser.add_argument('--only', default='', help='commands whose names hold this')
    arguments = parser.parse_args()
    with TemporaryDirectory() as work:
        place = Path(work) / 'disk'
        place.mkdir()
        chosen = [case for case in cases(Path(work), find_spec('keras') is not None)
                  if arguments.only in case.name]
        each = math.ceil(arguments.points / len(chosen))
        for case in chosen:
            enough, new = need(case, place)
            rooms = [round(1.3 * enough * point / (each - 1)) // PAGE * PAGE
                     for point in range(each)]
            ends = Counter(run(case, place, room, new)
                           for room in tqdm(rooms, desc=case.name, leave=False))
            print(f'{case.name:16} {enough / 1e3:7.0f} kB {each:3} points: '
                  + ', '.join(f'{count} {end}' for end, count in ends.most_common()), flush=True)


if __name__ == '__main__':
    if os.environ.get('EMOREC_MAY_MOUNT') or os.getuid() == 0:
        main()
    else:
        os.execvpe('unshare', ['unshare', '-rm', sys.executable, *sys.argv],
                   {**os.environ, 'EMOREC_MAY_MOUNT': '1'})
