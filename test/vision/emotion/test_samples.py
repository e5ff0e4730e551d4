# SPDX-License-Identifier: Apache-2.0
"""One face per span of time, the largest in view, and spans without a face are told."""
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.samples import sample_faces
from emorec_vision.emotion.stills import StillFaces
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.stamps import seconds_to_ns as ns
import numpy as np
from onnx_models import write_model
import pytest


class Images(Source):
    """Deliver images that a test gives."""

    kind = 'images'

    def __init__(self, frames) -> None:
        super().__init__()
        self._frames = list(frames)

    def read(self):
        return self._frames.pop(0) if self._frames else None


@pytest.fixture(scope='module')
def finder(tmp_path_factory) -> StillFaces:
    """Return a finder with a small emotion model."""
    return StillFaces(EmotionModel(write_model(tmp_path_factory.mktemp('model') / 'm.onnx')))


@pytest.fixture(scope='module')
def portrait(astronaut) -> np.ndarray:
    """Return her head and shoulders, 250x250."""
    return np.ascontiguousarray(astronaut[:250, 100:350])


def test_a_face_that_comes_late_in_its_second_is_found(finder, portrait):
    blank = np.full_like(portrait, 120)
    frames = [Frame(portrait if index == 9 else blank, ns(index / 10)) for index in range(20)]
    samples = list(sample_faces(Images(frames), finder))
    assert [sample.number for sample in samples] == [0, 1]
    assert samples[0].face is not None and samples[0].stamp == ns(0.9)
    assert samples[1].face is None and samples[1].stamp == ns(1.0)


def test_the_crop_is_what_the_network_sees(finder, portrait):
    sample, = sample_faces(Images([Frame(portrait, 0)]), finder)
    face, = finder.predict(portrait)
    assert sample.face is not None and (sample.face.crop == face.crop).all()
    assert sample.face.crop.shape == (48, 48) and sample.face.box == face.box


def test_of_two_faces_the_larger_is_taken(finder, portrait):
    both = np.full((260, 420, 3), 120, np.uint8)
    both[:250, :250] = portrait
    both[:125, 280:405] = portrait[::2, ::2]
    sample, = sample_faces(Images([Frame(both, 0)]), finder)
    assert len(finder.predict(both)) == 2
    assert sample.face is not None and sample.face.box.x < 250


def test_spans_may_be_shorter_than_a_second(finder, portrait):
    frames = [Frame(portrait, ns(index / 4)) for index in range(4)]
    samples = list(sample_faces(Images(frames), finder, every=0.5))
    assert [(sample.number, sample.stamp) for sample in samples] == [(0, 0), (1, ns(0.5))]


def test_every_frame_is_told_of(finder, portrait):
    seen: list[Frame] = []
    list(sample_faces(Images([Frame(portrait, 0), Frame(portrait, ns(0.1))]), finder,
                      on_frame=seen.append))
    assert len(seen) == 2


def test_a_source_without_frames_gives_nothing(finder):
    assert list(sample_faces(Images([]), finder)) == []
