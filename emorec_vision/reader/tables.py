# SPDX-License-Identifier: Apache-2.0
"""Readings as other libraries have them: pandas and supervision, which are not required."""

from collections.abc import Iterable
from collections.abc import Sequence
from importlib import import_module
import re
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.reader.readings import FaceReading
from emorec_vision.reader.readings import PersonReading
import numpy as np

NUMBER = re.compile(r'\d+$')
"""Of a track, at the end of its id."""


def to_pandas(readings: Iterable[FaceReading]) -> Any:
    """Return a pandas.DataFrame with a row per reading and the columns of its `to_dict`.

    Raises:
        InputError: if pandas is not installed.
    """
    return _library('pandas').DataFrame([reading.to_dict() for reading in readings])


def to_supervision(readings: Sequence[FaceReading]) -> Any:
    """Return the readings of one image as supervision.Detections, to draw or to filter.

    class_id is the place of the emotion in the model's order, confidence its probability,
    data['class_name'] its name, data['person'] who it is, and tracker_id the number of the track,
    where the readings are of a stream.

    Raises:
        InputError: if supervision is not installed.
    """
    library = _library('supervision')
    if not readings:
        return library.Detections.empty()
    boxes = [reading.box for reading in readings]
    tracks = [int(found.group()) for reading in readings if isinstance(reading, PersonReading)
              and (found := NUMBER.search(reading.track_id))]
    return library.Detections(
        xyxy=np.array([[box.x, box.y, box.right, box.bottom] for box in boxes], np.float64),
        confidence=np.array([reading.probability for reading in readings]),
        class_id=np.array([list(reading.probabilities).index(reading.emotion)
                           for reading in readings]),
        tracker_id=np.array(tracks) if len(tracks) == len(readings) else None,
        data={'class_name': np.array([reading.emotion for reading in readings]),
              'person': np.array([reading.person for reading in readings])})


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise InputError(f'{name} is not installed: pip install {name}') from None
