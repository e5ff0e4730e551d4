# SPDX-License-Identifier: Apache-2.0
"""A stream of images as other programs read it."""

from collections.abc import Iterator
import json
from pathlib import Path

from emorec_vision import EmotionReader
from emorec_vision import InputError
from emorec_vision import Intrinsics
from emorec_vision import PersonReading
from emorec_vision.files.access import write_png
import numpy as np
import pytest

KINECT = Intrinsics(525.0, 525.0, 320.0, 240.0)


@pytest.fixture(scope='module')
def reader() -> EmotionReader:
    """Return a reader of the shipped model that knows nobody."""
    return EmotionReader(people=None)


def played(reader: EmotionReader, images: list[np.ndarray], start: float = 100.0,
           adapt: bool = True) -> Iterator[list[PersonReading]]:
    """Yield who is there, ten images a second."""
    with reader.stream(adapt=adapt) as stream:
        for number, image in enumerate(images):
            yield stream.add(image, start + number / 10)


def test_a_face_is_followed_and_its_emotion_confirmed(
        reader: EmotionReader, astronaut: np.ndarray) -> None:
    """After more than 60 % of 20 measurements; until then nothing is."""
    people = [now for now in played(reader, [astronaut] * 25) if now]
    assert {person.track_id for now in people for person in now} == {people[0][0].track_id}
    assert people[0][0].confirmed == ''
    last, = people[-1]
    assert (last.emotion, last.confirmed, last.seen) == ('Happy', 'Happy', True)
    assert last.held > 0.5 and last.time == pytest.approx(102.4)
    assert last.raw_probabilities['Happy'] > 0.9
    assert np.isnan(last.distance) and last.to_dict()['distance'] is None
    json.dumps(last.to_dict())


def test_who_is_hidden_for_a_moment_keeps_what_was_measured(
        reader: EmotionReader, astronaut: np.ndarray) -> None:
    """And is not seen; after a while nobody is there."""
    blank = np.full_like(astronaut, 128)
    before, hidden, *_, gone = list(
        played(reader, [astronaut] * 8 + [blank] + [blank] * 20))[7:]
    assert before[0].seen
    assert all(not person.seen and person.probabilities == before[0].probabilities
               for person in hidden)
    assert gone == []


def test_the_same_images_give_the_same_answers(
        reader: EmotionReader, astronaut: np.ndarray) -> None:
    """But for the ids of the tracks."""
    images = [np.roll(astronaut, 3 * number, axis=1) for number in range(12)]
    one, other = ([[{**person.to_dict(), 'track_id': ''} for person in now]
                   for now in played(reader, images)] for _ in range(2))
    assert one == other and one[-1]


def test_a_known_person_is_named_after_a_few_looks(
        astronaut: np.ndarray, tmp_path: Path) -> None:
    """And not at the first."""
    folder = tmp_path / 'people' / 'Eileen'
    folder.mkdir(parents=True)
    write_png(folder / 'one.png', astronaut)
    known = EmotionReader(people=tmp_path / 'people')
    names = [person.person for now in played(known, [astronaut] * 8) for person in now]
    assert names[0] == '' and names[-1] == 'Eileen'


def test_depth_tells_a_poster_from_a_person_and_how_far_it_is(
        reader: EmotionReader, astronaut: np.ndarray) -> None:
    """A flat wall right there is nobody."""
    image = np.full((480, 640, 3), 128, np.uint8)
    image[:256, 192:448] = astronaut[::2, ::2]
    wall = np.full((480, 640), 1000, np.uint16)
    with reader.stream() as stream:
        assert not any(stream.add(image, number / 10, depth=wall, intrinsics=KINECT)
                       for number in range(8))
    with reader.stream() as stream:
        people = [stream.add(image, number / 10, intrinsics=KINECT) for number in range(8)]
    assert people[-1][0].distance_estimated and 0.3 < people[-1][0].distance < 3


def test_a_time_that_goes_back_begins_anew(
        reader: EmotionReader, astronaut: np.ndarray) -> None:
    """Under another track."""
    with reader.stream() as stream:
        first = [stream.add(astronaut, 50 + number / 10) for number in range(6)][-1]
        second = [stream.add(astronaut, 10 + number / 10) for number in range(6)][-1]
    assert first[0].track_id != second[0].track_id


def test_without_a_time_the_clock_counts(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """A steady one."""
    with reader.stream() as stream:
        times = [person.time for _ in range(5) for person in stream.add(astronaut)]
    assert times and times == sorted(times)


@pytest.mark.parametrize('time_s', [float('nan'), float('inf'), 1.7e12])
def test_a_time_that_is_no_seconds_is_told(
        reader: EmotionReader, astronaut: np.ndarray, time_s: float) -> None:
    """Milliseconds since 1970 are the usual mistake."""
    with reader.stream() as stream, pytest.raises(InputError, match='give seconds'):
        stream.add(astronaut, time_s)


def test_depth_of_another_size_is_told(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """In one line."""
    with reader.stream() as stream, pytest.raises(InputError):
        stream.add(astronaut, 1.0, depth=np.zeros((2, 2), np.uint16), intrinsics=KINECT)


def test_a_stream_that_ended_takes_nothing(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """It says what to do."""
    with reader.stream() as stream:
        pass
    with pytest.raises(InputError, match='has ended'):
        stream.add(astronaut, 1.0)


def test_streams_are_independent(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """Two cameras in turn."""
    blank = np.full_like(astronaut, 128)
    with reader.stream() as one, reader.stream() as other:
        for number in range(6):
            somebody = one.add(astronaut, number / 10)
            assert other.add(blank, number / 10) == []
    assert len(somebody) == 1
