# SPDX-License-Identifier: Apache-2.0
"""A man enrolled from one clip is named on others, and other men are strangers."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.finder import TrackedFace
from emorec_vision.faces.haar import HaarDetector
from emorec_vision.identity.recognizer import FACE_SIZE
from emorec_vision.identity.recognizer import FaceRecognizer
from emorec_vision.identity.recognizer import train
from emorec_vision.identity.tracks import TrackIdentities
from emorec_vision.sources.video import VideoSource
import pytest


def faces_of(clip: Path, count: int) -> Iterator[list[TrackedFace]]:
    """Yield the faces of the first frames of a clip."""
    finder = FaceFinder(HaarDetector(), DepthGate())
    with VideoSource(clip) as video:
        for frame in islice(iter(video.read, None), count):
            gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
            yield finder.process(gray, frame.stamp).faces


@pytest.fixture(scope='module')
def recognizer(shared_data) -> FaceRecognizer:
    """Return a recogniser that knows one of the men from 20 frames of one clip."""
    images = [face.pixels(FACE_SIZE)
              for faces in faces_of(shared_data / 'video' / 'please.mkv', 60)
              for face in faces if face.detected]
    return train({'Bert': images})


@pytest.mark.parametrize('clip, person', [
    ('milk', 'Bert'), ('thanks', 'Bert'), ('yes', ''), ('again', ''), ('eat', ''),
    ('hungry', '')])
def test_the_enrolled_man_is_named_and_others_are_not(shared_data, recognizer, clip, person):
    tracks = TrackIdentities(recognizer, look_budget=1.0)
    said = []
    for faces in faces_of(shared_data / 'video' / f'{clip}.mkv', 40):
        identities = tracks.update('s', faces)
        said += [identity.person for identity in identities]
    assert len(said) > 25
    if person:
        assert said[-1] == person and said.count(person) > 0.7 * len(said)
    else:
        assert set(said) == {''}
