# SPDX-License-Identifier: Apache-2.0
"""`emorec watch VIDEO...`: files at the machine's full speed, to one table and one page."""

import argparse
from collections import Counter
from collections.abc import Callable
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
    from emorec_vision.video_parts.reading import PartRows
    Read = Callable[[Sequence[Part]], Iterator[tuple[Part, PartRows | InputError]]]

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
    from emorec_vision.video_parts.pool import read_here
    from emorec_vision.video_parts.pool import usable_cores
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    path = model_path(arguments.model)
    model = EmotionModel(path)
    files, status = _files(arguments.videos)
    recipe = Recipe(str(path), arguments.detector, arguments.adapt != 'off')

    def read(parts: Sequence['Part']) -> 'Iterator[tuple[Part, PartRows | InputError]]':
        if arguments.dask:
            from emorec_vision.video_parts.cluster import read_on
            return read_on(arguments.dask, parts, recipe, _name_elsewhere(arguments.model), tell)
        return read_here(parts, recipe, arguments.jobs or usable_cores())

    named = arguments.csv or arguments.report
    kept = KeptParts(named.with_name(named.name + PARTS), recipe) if named else None
    title = ', '.join(file.name for file in files[:3]) + (
        f' and {len(files) - 3} more' if len(files) > 3 else '')
    with Tables(arguments.csv, arguments.report, model.labels, model.name, title) as tables:
        try:
            status = max(status, _read(files, read, kept, tables))
        except KeyboardInterrupt:  # no table of a part of the files
            tell('stopped' + '; the same command goes on where it was' * (kept is not None))
            raise SystemExit(INTERRUPTED) from None
    if kept is not None:
        kept.remove()
    return status


def _name_elsewhere(model: str) -> str:
    """Return what another machine calls the model: a name of ours, or a path from the root."""
    from emorec_vision.emotion.model import SHIPPED
    return model if model in ('', *SHIPPED) else os.path.abspath(model)


def _read(files: Sequence[Path], read: 'Read', kept: Any, tables: Tables) -> int:
    """Add all files to the tables and return 2 if one of them could not be read, else 0."""
    parts, unread = _parts(files)
    names, status = _names(files), 0
    for file, rows in _by_file(files, parts, _results(parts, read, kept)):
        error = unread.get(file) or next(
            (each for each in rows if isinstance(each, InputError)), None)
        if error is None:
            _add(file, names[file], rows, tables)
        else:
            tell(str(error))
            status = 2
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


def _names(files: Sequence[Path]) -> dict[Path, str]:
    """Return what the faces of each file are called by: nothing where there is one file."""
    if len(files) == 1:
        return {files[0]: ''}
    stems = Counter(file.stem for file in files)
    return {file: f'{file.stem if stems[file.stem] == 1 else file} ' for file in files}


def _results(parts: Sequence['Part'], read: 'Read', kept: Any
             ) -> Iterator[tuple['Part', 'PartRows | InputError']]:
    """Yield the result of every part, first those that are there; keep each that is not."""
    import tqdm
    left = []
    for part in parts:
        if kept is not None and (rows := kept.get(part)) is not None:
            yield part, rows
        else:
            left.append(part)
    there = len(parts) - len(left)
    if there:
        tell(f'going on: {there} of {len(parts)} parts are there already')
    with tqdm.tqdm(total=len(parts), initial=there, desc='parts', unit='part', leave=False,
                   disable=None, file=sys.stderr) as bar:
        for part, result in read(left):
            if kept is not None and not isinstance(result, InputError):
                kept.keep(part, result)
            bar.update()
            yield part, result


def _by_file(files: Sequence[Path], parts: Sequence['Part'],
             results: Iterable[tuple['Part', 'PartRows | InputError']]
             ) -> Iterator[tuple[Path, list[Any]]]:
    """Yield the results of each file, in the order of the files, as soon as all are there."""
    wanted: dict[Path, list[Part]] = {file: [] for file in files}
    for part in parts:
        wanted[Path(part.path)].append(part)
    found: dict[Part, PartRows | InputError] = {}
    following = iter(results)
    for file in files:
        while not all(part in found for part in wanted[file]):
            part, result = next(following)
            found[part] = result
        yield file, [found.pop(part) for part in wanted[file]]


def _add(file: Path, name: str, parts: Sequence['PartRows'], tables: Tables) -> None:
    """Add the rows of a file to the tables, and print what it shows in one line."""
    from emorec_vision.video_parts.join import joined
    for warning in dict.fromkeys(each for part in parts for each in part.warnings):
        tell(warning)
    rows = list(joined(parts))
    tables.add({**row, 'file': str(file), 'track_id': name + row['track_id']} for row in rows)
    people = {row['track_id'] for row in rows}
    told = Counter(row['confirmed'] for row in rows if row['confirmed'])
    most = ', '.join(f'{emotion} {count / len(rows):.0%}' for emotion, count
                     in told.most_common(3))
    print(f'{file}: {sum(part.images for part in parts)} images, '
          f'{len(people) or "no"} face{"" if len(people) == 1 else "s"}'
          + (f': {most or "nothing confirmed"}' if people else ''), flush=True)
