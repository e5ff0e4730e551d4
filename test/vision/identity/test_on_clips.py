# SPDX-License-Identifier: Apache-2.0
"""A man enrolled from one clip is named on others, and other men are strangers."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.detectors.yunet import YuNetDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.identity.factory import why_no_sface
from emorec_vision.identity.recognizer import FACE_SIZE
from emorec_vision.identity.recognizer import FaceRecognizer
from emorec_vision.identity.recognizer import train
from emorec_vision.identity.sface import EmbeddingRecognizer
from emorec_vision.identity.sface import train_sface
from emorec_vision.identity.tracks import TrackIdentities
from emorec_vision.model_files.weights import yunet_weights
from emorec_vision.sources.video import VideoSource
import pytest


def faces_of(clip: Path, count: int, detector: FaceDetector | None = None,
             scale: float = 1.0) -> Iterator[list[TrackedFace]]:
    """Yield the faces of the first frames of a clip, as Haar finds them or another detector."""
    finder = FaceFinder(detector or HaarDetector(), DepthGate())
    with VideoSource(clip) as video:
        for frame in islice(iter(video.read, None), count):
            gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
            gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
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


@pytest.fixture(scope='module')
def by_one_photo(shared_data) -> EmbeddingRecognizer:
    """Return a recogniser that knows one of the men from one photo of one clip."""
    photo = next(face.pixels(FACE_SIZE)
                 for faces in faces_of(shared_data / 'video' / 'please.mkv', 60,
                                       YuNetDetector(yunet_weights()))
                 for face in faces if face.detected)
    return train_sface({'Bert': [photo]})


@pytest.mark.skipif(bool(why_no_sface()), reason=why_no_sface())
@pytest.mark.parametrize('clip, person', [
    ('milk', 'Bert'), ('thanks', 'Bert'), ('yes', ''), ('again', ''), ('eat', ''),
    ('hungry', '')])
def test_a_man_is_named_by_one_photo_of_another_clip(shared_data, by_one_photo, clip, person):
    tracks = TrackIdentities(by_one_photo, look_budget=1.0)
    said = []
    for faces in faces_of(shared_data / 'video' / f'{clip}.mkv', 80,
                          YuNetDetector(yunet_weights())):
        said += [identity.person for identity in tracks.update('s', faces)]
    assert len(said) > 40
    if person:
        assert said.count(person) >= 0.95 * len(said), said
    else:
        assert set(said) == {''}


@pytest.mark.skipif(bool(why_no_sface()), reason=why_no_sface())
@pytest.mark.parametrize('clip', ['yes', 'again'])
def test_other_men_far_away_are_no_friend(shared_data, by_one_photo, clip):
    """Faces of 40 px are the nearest strangers of the clips, see SFACE_STRANGERS."""
    tracks = TrackIdentities(by_one_photo, look_budget=1.0)
    said = [identity.person
            for faces in faces_of(shared_data / 'video' / f'{clip}.mkv', 80,
                                  YuNetDetector(yunet_weights()), 0.5)
            for identity in tracks.update('s', faces)]
    assert len(said) > 40 and set(said) == {''}
