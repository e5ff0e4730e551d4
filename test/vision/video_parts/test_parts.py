# SPDX-License-Identifier: Apache-2.0
"""Videos read in parts: the same table whatever order and processes, and nothing done twice."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
from emorec_vision.emotion.model import model_path
from emorec_vision.errors import InputError
from emorec_vision.sources.video import VideoSource
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.video_parts.join import joined
from emorec_vision.video_parts.kept import KeptParts
from emorec_vision.video_parts.part import Part
from emorec_vision.video_parts.part import parts_of
from emorec_vision.video_parts.part import Recipe
from emorec_vision.video_parts.pool import read_here
from emorec_vision.video_parts.reading import PartRows
from emorec_vision.video_parts.reading import read_part
import numpy as np
import pytest

FRAMES, RATE = 60, 10.0
RECIPE = Recipe(str(model_path('')))


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory, astronaut: np.ndarray) -> Path:
    """Write six seconds of a face that moves slowly, most of it between key frames."""
    path = tmp_path_factory.mktemp('clip') / 'clip.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), RATE, (320, 240))
    for number in range(FRAMES):
        writer.write(cv2.cvtColor(np.ascontiguousarray(
            astronaut[0:240, 20 + number:340 + number]), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_parts_cover_a_file_once(clip: Path) -> None:
    """The last one goes to the end, whatever the file says of its length."""
    second = NANOSECONDS
    assert parts_of(clip, 2 * second, second) == [
        Part(str(clip), 0, 0, 2 * second), Part(str(clip), 1, 2 * second, 4 * second, second),
        Part(str(clip), 2, 4 * second, None, 3 * second)]
    assert parts_of(clip) == [Part(str(clip))]


@pytest.mark.parametrize('is_over', [False, True])
@pytest.mark.parametrize('frame', [0, 1, 25, 59])
def test_a_sought_frame_is_that_of_reading_from_the_start(
        clip: Path, frame: int, is_over: bool) -> None:
    """Same time, same pixels, also between key frames, and after the end."""
    whole = VideoSource(clip)
    frames = [whole.read() for _ in range(FRAMES)]
    sought = VideoSource(clip)
    while is_over and sought.read() is not None:
        pass
    sought.seek(frames[frame].stamp)
    found = sought.read()
    assert found.stamp == frames[frame].stamp
    assert np.array_equal(found.rgb, frames[frame].rgb)
    rest = frames[frame + 1:]
    assert [each.stamp for each in iter(sought.read, None)] == [each.stamp for each in rest]


def test_a_face_keeps_its_number_from_part_to_part(clip: Path) -> None:
    """Every image is there once, in order."""
    parts = parts_of(clip, 2 * NANOSECONDS, NANOSECONDS)
    rows = list(joined(read_part(part, RECIPE) for part in parts))
    assert {row['track_id'] for row in rows} == {'1'}
    times = [row['time'] for row in rows]
    assert times == sorted(set(times))
    whole = list(joined([read_part(Part(str(clip)), RECIPE)]))
    assert [(row['time'], row['emotion']) for row in rows] == [
        (row['time'], row['emotion']) for row in whole]


def test_two_processes_give_what_one_gives(clip: Path, tmp_path: Path) -> None:
    """Files that cannot be read are told, and disturb no other."""
    (tmp_path / 'bad.mp4').write_text('no')
    parts = [*parts_of(clip, 3 * NANOSECONDS, NANOSECONDS), Part(str(tmp_path / 'bad.mp4'))]
    alone, together = (dict(read_here(parts, RECIPE, jobs)) for jobs in (1, 2))
    assert alone.keys() == together.keys() == set(parts)
    errors = [found.pop(parts[-1]) for found in (alone, together)]
    assert all(isinstance(error, InputError) for error in errors)
    for part in alone:
        # ids are unique to a run
        assert list(joined([alone[part]])) == list(joined([together[part]]))


def row(track: str, x: int, time: float = 1.0) -> dict[str, Any]:
    """Return a row with what joining looks at."""
    return {'track_id': track, 'time': time, 'x': x, 'y': 0, 'width': 10, 'height': 10}


def test_faces_are_joined_by_their_boxes_of_the_same_image() -> None:
    """Each one with the nearest; who came later, or was elsewhere, is somebody new."""
    first = PartRows(rows=[row('a', 0), row('b', 50), row('c', 200)])
    second = PartRows(before=[row('p', 51), row('q', 1), row('r', 3), row('s', 100)],
                      rows=[row(name, 0, 2.0) for name in 'pqrs'])
    assert [each['track_id'] for each in joined([first, second])] == [
        '1', '2', '3', '2', '1', '4', '5']
    late = replace(second, before=[row('p', 50, 0.9)], rows=[row('p', 50, 2.0)])
    assert [each['track_id'] for each in joined([first, late])] == ['1', '2', '3', '4']


def test_what_is_kept_is_of_the_same_file_and_recipe(clip: Path, tmp_path: Path) -> None:
    """Another model, another part or a changed file is read anew; broken results are none."""
    copy = tmp_path / 'copy.mp4'
    copy.write_bytes(clip.read_bytes())
    part = Part(str(copy))
    kept = KeptParts(tmp_path / 'kept', RECIPE)
    assert kept.get(part) is None
    rows = PartRows(rows=[row('a', 1)], images=1)
    kept.keep(part, rows)
    assert kept.get(part) == rows
    assert kept.get(replace(part, number=1)) is None
    assert KeptParts(tmp_path / 'kept', replace(RECIPE, adapt=False)).get(part) is None
    file, = (tmp_path / 'kept').iterdir()
    content = file.read_text()
    file.write_text(content[:-9])
    assert kept.get(part) is None
    file.write_text(content)
    copy.write_bytes(clip.read_bytes()[:-1])
    assert kept.get(part) is None
    kept.remove()
    assert not (tmp_path / 'kept').exists()
