# SPDX-License-Identifier: Apache-2.0
"""`emorec watch VIDEO...`: files at the machine's full speed, to one table and one page."""

import argparse
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import os
from pathlib import Path
import signal
import sys
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.output.standard_error import tell
from emorec_cli.output.tables import Tables
from emorec_vision.errors import InputError

if TYPE_CHECKING:
    from emorec_vision.video_parts.part import Part
    from emorec_vision.video_parts.part import Recipe
    from emorec_vision.video_parts.reading import PartRows

VIDEOS = ('.mp4', '.avi', '.mkv', '.mov', '.webm', '.m4v', '.mpg', '.mpeg', '.wmv', '.ogv')
"""Suffixes of what is taken from a folder."""
INTERRUPTED = 130
"""Exit status, as that of programs that Ctrl-C ends."""
PARTS = '.parts'
"""Behind the name of the table or the page: the folder of what is done of them."""


def run(arguments: argparse.Namespace) -> int:
    """Read all files and return the exit status: 2 if one of them could not be read."""
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.video_parts.kept import KeptParts
    from emorec_vision.video_parts.part import Recipe
    from emorec_vision.video_parts.pool import usable_cores
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    path = model_path(arguments.model)
    model = EmotionModel(path)
    files, status = _files(arguments.videos)
    recipe = Recipe(str(path), arguments.detector, arguments.adapt != 'off')
    named = arguments.csv or arguments.report
    kept = KeptParts(named.with_name(named.name + PARTS), recipe) if named else None
    title = ', '.join(file.name for file in files[:3]) + (
        f' and {len(files) - 3} more' if len(files) > 3 else '')
    with Tables(arguments.csv, arguments.report, model.labels, model.name, title) as tables:
        parts, unread = _parts(files)
        results = _read(parts, recipe, arguments.jobs or usable_cores(), kept)
        for file in files:
            if (error := unread.get(file) or _error(results, file)) is not None:
                tell(str(error))
                status = 2
                continue
            _add(file, [rows for part, rows in sorted(
                results.items(), key=lambda item: item[0].number) if part.path == str(file)],
                tables, len(files) > 1)
    if kept is not None:
        kept.remove()
    return status


def _files(given: Sequence[Path]) -> tuple[list[Path], int]:
    """Return the files, those of folders among them, and 2 where a folder has none, else 0.

    Raises:
        InputError: if there are none at all.
    """
    from emorec_vision.files.access import list_folder
    files: list[Path] = []
    status = 0
    for path in given:
        if not os.path.isdir(path):
            files.append(path)
            continue
        inside = [each for each in list_folder(path, f'there is no folder {path}')
                  if each.suffix.lower() in VIDEOS]
        files += sorted(inside)
        if not inside:
            tell(f'{path} has no video; they end in {", ".join(VIDEOS)}')
            status = 2
    if not files:
        raise InputError('there is no video to read')
    return list(dict.fromkeys(files)), status


def _parts(files: Iterable[Path]) -> tuple[list['Part'], dict[Path, InputError]]:
    """Return the parts of the files that can be read, and why others cannot."""
    from emorec_vision.video_parts.part import parts_of
    parts: list[Part] = []
    unread: dict[Path, InputError] = {}
    for file in files:
        try:
            parts += parts_of(file)
        except InputError as error:
            unread[file] = error
    return parts, unread


def _read(parts: Sequence['Part'], recipe: 'Recipe', jobs: int, kept: Any
          ) -> dict['Part', 'PartRows | InputError']:
    """Return the result of every part; keep each as soon as it is there."""
    import tqdm
    results: dict[Part, PartRows | InputError] = {}
    if kept is not None:
        results.update((part, rows) for part in parts if (rows := kept.get(part)) is not None)
    if results:
        tell(f'going on: {len(results)} of {len(parts)} parts are there already')
    left = [part for part in parts if part not in results]
    try:
        with tqdm.tqdm(total=len(parts), initial=len(results), desc='parts', unit='part',
                       leave=False, disable=None, file=sys.stderr) as bar:
            for part, rows in _done(left, recipe, jobs):
                results[part] = rows
                if kept is not None and not isinstance(rows, InputError):
                    kept.keep(part, rows)
                bar.update()
    except KeyboardInterrupt:
        tell(f'stopped after {len(results)} of {len(parts)} parts'
             + '; the same command goes on there' * (kept is not None))
        raise SystemExit(INTERRUPTED) from None
    return results


def _done(parts: Sequence['Part'], recipe: 'Recipe', jobs: int
          ) -> Iterator[tuple['Part', 'PartRows | InputError']]:
    from emorec_vision.video_parts.pool import read_here
    yield from read_here(parts, recipe, jobs)


def _error(results: dict['Part', 'PartRows | InputError'], file: Path) -> InputError | None:
    return next((rows for part, rows in results.items()
                 if part.path == str(file) and isinstance(rows, InputError)), None)


def _add(file: Path, parts: Sequence[Any], tables: Tables, several: bool) -> None:
    """Add the rows of a file to the tables, and print what it shows in one line."""
    from emorec_vision.video_parts.join import joined
    for warning in dict.fromkeys(each for part in parts for each in part.warnings):
        tell(warning)
    rows = list(joined(parts))
    named = [{**row, 'file': str(file), 'track_id': f'{file.stem} {row["track_id"]}'}
             for row in rows] if several else rows
    tables.add(named)
    people = {row['track_id'] for row in rows}
    told = Counter(row['confirmed'] for row in rows if row['confirmed'])
    most = ', '.join(f'{emotion} {count / len(rows):.0%}' for emotion, count
                     in told.most_common(3))
    print(f'{file}: {sum(part.images for part in parts)} images, '
          f'{len(people) or "no"} face{"" if len(people) == 1 else "s"}'
          + (f': {most or "nothing confirmed"}' if people else ''), flush=True)
