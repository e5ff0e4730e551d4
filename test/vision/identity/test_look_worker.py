# SPDX-License-Identifier: Apache-2.0
"""Looks in a thread hold nobody up, keep to the budget, and never show stale faces."""

from collections.abc import Iterator
from threading import Event
import time

from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
from emorec_vision.identity.look_worker import Look
from emorec_vision.identity.look_worker import LookWorker
from emorec_vision.identity.look_worker import SAVED
from emorec_vision.identity.recognizer import Match
from emorec_vision.identity.tracks import TrackIdentities
import numpy as np
import pytest

BOX = Box(0, 0, 40, 40)


class SlowRecognizer:
    """A recogniser that waits in each look until it is told to go on."""

    threshold = 40.0

    def __init__(self, cost: float = 0.0) -> None:
        self.go_on = Event()
        self.looking = Event()
        self.looked_at: list[FaceCrop] = []
        self._cost = cost

    def look(self, face: FaceCrop) -> Match:
        self.looking.set()
        assert self.go_on.wait(10)
        end = time.thread_time() + self._cost
        while time.thread_time() < end:
            pass
        self.looked_at.append(face)
        return Match('Ada', 10.0)


def faces(*levels: int) -> list[FaceCrop]:
    """Return faces of one track per level."""
    return [FaceCrop(f't{level}', np.full((40, 40), level, np.uint8), BOX, BOX, True)
            for level in levels]


def finished(worker: LookWorker, count: int) -> list[Look]:
    """Wait for so many looks."""
    looks: list[Look] = []
    end = time.monotonic() + 10
    while len(looks) < count and time.monotonic() < end:
        looks += worker.take()
        time.sleep(0.001)
    return looks


@pytest.fixture
def worker() -> Iterator[LookWorker]:
    """Return a worker that ends with the test."""
    worker = LookWorker()
    yield worker
    worker.close()


def test_an_update_does_not_wait_for_a_look_and_learns_from_it_later(worker):
    recognizer = SlowRecognizer()
    tracks = TrackIdentities(recognizer, look_budget=1.0, worker=worker)
    assert [each.person for each in tracks.update('s', faces(1))] == ['']
    assert recognizer.looking.wait(10)
    assert [each.person for each in tracks.update('s', faces(1))] == ['']
    recognizer.go_on.set()
    end = time.monotonic() + 10
    while not tracks.update('s', faces(1))[0].known and time.monotonic() < end:
        time.sleep(0.001)
    assert tracks.update('s', faces(1))[0].person == 'Ada'
    assert len(recognizer.looked_at) >= 3


def test_faces_of_older_images_that_wait_are_dropped(worker):
    recognizer = SlowRecognizer()
    worker.offer(recognizer, faces(1, 2, 3), 1.0)
    assert recognizer.looking.wait(10)
    newest = faces(1, 2)
    worker.offer(recognizer, newest, 1.0)
    recognizer.go_on.set()
    looks = finished(worker, 2)
    assert [look.face.track_id for look in looks] == ['t1', 't2']
    assert looks[1].face is newest[1]


def test_looks_take_no_more_processor_time_than_the_budget(worker):
    recognizer = SlowRecognizer(cost=0.02)
    recognizer.go_on.set()
    looks, images = 0, 100
    for _ in range(images):
        worker.offer(recognizer, faces(1), 0.001)
        time.sleep(0.002)
        looks += len(worker.take())
    assert 2 <= looks <= (SAVED + images) * 0.001 / 0.02 + 1


def test_a_face_that_is_looked_at_does_not_wait_a_second_time(worker):
    recognizer = SlowRecognizer()
    worker.offer(recognizer, faces(1), 1.0)
    assert recognizer.looking.wait(10)
    worker.offer(recognizer, faces(1), 1.0)
    recognizer.go_on.set()
    assert len(finished(worker, 1)) == 1
    time.sleep(0.02)
    assert worker.take() == []


def test_looks_of_an_earlier_recogniser_name_nobody(worker):
    recognizer = SlowRecognizer()
    tracks = TrackIdentities(recognizer, look_budget=1.0, agreeing_looks=1, worker=worker)
    tracks.update('s', faces(1))
    assert recognizer.looking.wait(10)
    other = SlowRecognizer()
    tracks.set_recognizer(other)
    recognizer.go_on.set()
    time.sleep(0.02)
    assert tracks.update('s', faces(1))[0].person == ''
    other.go_on.set()


def test_an_error_in_a_look_is_raised_in_the_thread_that_takes(worker):
    class Broken:
        threshold = 1.0

        def look(self, face: FaceCrop) -> Match:
            raise ZeroDivisionError
    worker.offer(Broken(), faces(1), 1.0)
    with pytest.raises(ZeroDivisionError):
        finished(worker, 1)
