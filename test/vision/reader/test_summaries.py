# SPDX-License-Identifier: Apache-2.0
"""What each span of a stream showed, by its largest face first."""

from collections.abc import Sequence
from pathlib import Path

from emorec_vision.depth.gate import DepthGate
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.reader.stream import PeopleStream
from emorec_vision.reader.summaries import summaries
from emorec_vision.reader.summaries import Summary
from emorec_vision.reader.watcher import Watcher
from emorec_vision.sources import Frame
from emorec_vision.stamps import seconds_to_ns as ns
import numpy as np
from onnx_models import write_model
import pytest

TENTH = ns(0.1)


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> EmotionModel:
    """Return a small emotion model, which tells the brightness of a face."""
    return EmotionModel(write_model(tmp_path_factory.mktemp('model') / 'm.onnx'))


@pytest.fixture(scope='module')
def portrait(astronaut: np.ndarray) -> np.ndarray:
    """Return her head and shoulders, 250x250."""
    return np.ascontiguousarray(astronaut[:250, 100:350])


def watch(model: EmotionModel, images: Sequence[np.ndarray], every: float = 1.0) -> list[Summary]:
    """Return what ten images a second show."""
    watcher = Watcher(PeopleStream(FaceFinder(HaarDetector(), DepthGate()), model))
    return list(summaries(
        ((5 * TENTH + number * TENTH, Frame(image, 0)) for number, image in enumerate(images)),
        watcher, every))


def test_each_second_has_a_summary_from_the_first_image_on(
        model: EmotionModel, portrait: np.ndarray) -> None:
    """Those without a face are empty."""
    blank = np.full_like(portrait, 120)
    spans = watch(model, [portrait] * 10 + [blank] * 10 + [portrait] * 5)
    assert [(span.number, span.stamp) for span in spans] == [
        (number, ns(0.5 + number)) for number in range(3)]
    assert [len(span.sightings) for span in spans] == [1, 0, 1]
    assert spans[0].sightings[0].crop.shape == (48, 48)


def test_a_face_that_is_gone_at_the_end_of_its_second_is_told(
        model: EmotionModel, portrait: np.ndarray) -> None:
    """It was there for most of it."""
    blank = np.full_like(portrait, 120)
    first, *_ = watch(model, [portrait] * 4 + [blank] * 9)
    assert len(first.sightings) == 1


def test_the_mean_of_the_second_counts_not_an_image_of_it(
        model: EmotionModel, portrait: np.ndarray) -> None:
    """Two dark images and eight bright ones are no dark face."""
    dark = (portrait * 0.4).astype(np.uint8)
    (only,), = (span.sightings for span in watch(model, [dark] * 4 + [portrait] * 16, every=2.0))
    bright, = watch(model, [portrait] * 20, every=2.0)[0].sightings
    assert (only.emotion, only.confirmed) == (bright.emotion, True)
    assert only.probability < bright.probability
    assert only.told == only.emotion


def test_of_two_faces_the_larger_comes_first(model: EmotionModel, portrait: np.ndarray) -> None:
    """Wherever it is."""
    both = np.full((260, 420, 3), 120, np.uint8)
    both[:250, 165:415] = portrait
    both[60:185, 10:135] = portrait[::2, ::2] // 2
    span, = watch(model, [both] * 8)
    alone, = watch(model, [portrait] * 8)
    assert len(span.sightings) == 2
    assert span.sightings[0].emotion == alone.sightings[0].emotion
    assert span.sightings[0].told.endswith('?'), 'six measurements confirm nothing'


def test_what_a_model_of_other_emotions_tells_is_named(
        tmp_path: Path, portrait: np.ndarray) -> None:
    """By its own labels."""
    labels = ('Keen', 'Bored', 'Asleep')
    three = EmotionModel(write_model(tmp_path / 'm.onnx', labels=labels, outputs=3))
    span, = watch(three, [portrait] * 8)
    assert span.sightings[0].emotion in labels


def test_a_stream_without_images_gives_nothing(model: EmotionModel) -> None:
    """Not even an empty span."""
    assert watch(model, []) == []
