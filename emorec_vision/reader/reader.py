# SPDX-License-Identifier: Apache-2.0
"""The door for other programs: faces, emotions and names in images and streams."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
import time
from types import TracebackType
from typing import Any

from emorec_vision.confirmation import WindowSettings
from emorec_vision.depth.gate import DepthGate
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.files.user_path import expand
from emorec_vision.geometry import Intrinsics
from emorec_vision.identity.factory import AUTO
from emorec_vision.identity.factory import choice_in_words
from emorec_vision.identity.recognizer import Recognizer
from emorec_vision.people.expression_files import ExpressionFiles
from emorec_vision.people.folder import default_people_folder
from emorec_vision.people.model import open_model
from emorec_vision.reader.any_image import rgb_of
from emorec_vision.reader.readings import FaceReading
from emorec_vision.reader.readings import PersonReading
from emorec_vision.reader.stills import StillFaces
from emorec_vision.reader.stream import PeopleStream
from emorec_vision.sources import Frame
from emorec_vision.stamps import END_OF_TIME
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns
import numpy as np

OWN = 'own'
"""People who are enrolled under this user's name, by `emorec faces`."""


class EmotionReader:
    """Finds faces, tells their emotions and who they are: what `emorec live` uses.

    One reader may be used by several threads: `read` of one waits for that of another, and each
    stream is used by one thread at a time. All faces of an image go through the network as one
    batch, on one processor core; several processes use several cores.

    Args:
        model: '' for the default one, 'accurate', 'ferplus', or the path of an .onnx file.
        detector: 'auto' (YuNet where its weights are installed, else Haar), 'yunet' or 'haar'.
        recognizer: 'auto' (SFace where its weights are installed, else LBPH), 'sface' or 'lbph'.
        people: folder with a sub-folder of images per person; 'own': this user's, where there is
            one; None: everybody is unknown.

    Raises:
        InputError: if a file or folder is missing or damaged, or a name is none of these.

    Attributes:
        emotions: the names that the model tells, in its order.
        people: the names of the people who are known, sorted.
        warnings: what could not be used of the people's images, one line each.
    """

    def __init__(self, model: str | Path = '', *, detector: str = 'auto',
                 recognizer: str = AUTO, people: str | Path | None = OWN) -> None:
        self._model = EmotionModel(model_path(model))
        self._detector = detector
        choice_in_words(recognizer)  # a wrong name is told where nobody is known, too
        self._folder = _people_folder(people)
        known = open_model(self._folder, recognizer=recognizer) if self._folder else None
        self._recognizer: Recognizer | None = known.recognizer if known else None
        self.emotions: tuple[str, ...] = self._model.labels
        self.people: list[str] = known.names if known else []
        self.warnings: tuple[str, ...] = known.warnings if known else ()
        self._stills = StillFaces(self._model, open_detector(detector), self._recognizer)
        self._lock = Lock()

    def read(self, image: Any, order: str = 'rgb') -> list[FaceReading]:
        """Return the faces of an image that has nothing to do with the one before it.

        Args:
            image: a path; the bytes of an image file; an array uint8 (H, W, 3), (H, W) or
                (H, W, 4) with opacity; or a Pillow image.
            order: of the channels of an array: 'rgb', or 'bgr' as OpenCV has them.

        Returns:
            the faces from left to right; none where there is none.

        Raises:
            InputError: if it is no image, or cannot be read.
        """
        rgb = rgb_of(image, order)
        with self._lock:
            return self._stills.predict(rgb)

    def read_all(self, images: Iterable[Any],
                 order: str = 'rgb') -> Iterator[list[FaceReading]]:
        """Yield what `read` returns for each image, as soon as it is asked for."""
        return (self.read(image, order) for image in images)

    def stream(self, *, adapt: bool = True,
               window: WindowSettings = WindowSettings()) -> EmotionStream:
        """Return a new stream of images of one camera or video, which knows nothing yet.

        Args:
            adapt: whether each person is read against their own face at rest (docs/personal.md).
            window: when an emotion is confirmed.
        """
        files = (ExpressionFiles(self._folder, self._model)
                 if self._folder and self._model.space is not None else None)
        return EmotionStream(PeopleStream(
            FaceFinder(open_detector(self._detector), DepthGate()), self._model, self._recognizer,
            adapt, files.read if files else lambda name: None, window))


class EmotionStream:
    """The people in a stream of images, as EmotionReader.stream returns it.

    Faces are followed, named after a few agreeing looks, read against themselves, and their
    emotions confirmed over the last measurements. Used in a with statement or not.
    """

    def __init__(self, people: PeopleStream) -> None:
        self._people: PeopleStream | None = people

    def __enter__(self) -> EmotionStream:
        """Return the stream."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        """Forget the people; nothing more can be added."""
        self._people = None

    def add(self, image: Any, time_s: float | None = None, *, depth: np.ndarray | None = None,
            intrinsics: Intrinsics | None = None, order: str = 'rgb') -> list[PersonReading]:
        """Return the people in view after the next image.

        Args:
            image: as for EmotionReader.read.
            time_s: when it was taken, s; None: now, by a steady clock. Going back by more than a
                second begins anew.
            depth: of the same view, uint16 (H, W) in mm, 0 where it is not known; faces that it
                calls flat, or too near or far for their size, are no people.
            intrinsics: of the camera, for distances and positions.
            order: as for EmotionReader.read.

        Returns:
            one reading per person, the oldest track first.

        Raises:
            InputError: if the image cannot be read, depth does not fit it, the time is no number,
                or the stream has ended.
        """
        if self._people is None:
            raise InputError('the stream has ended; begin another with EmotionReader.stream()')
        when = time.monotonic() if time_s is None else float(time_s)
        if not abs(when) * NANOSECONDS < END_OF_TIME:
            raise InputError(f'time_s is {time_s}: give seconds, such as 12.5')
        frame = Frame(rgb_of(image, order), None, depth, intrinsics)
        return self._people.add(frame, seconds_to_ns(when))


def _people_folder(people: str | Path | None) -> Path | None:
    if people is None:
        return None
    if people != OWN:
        return expand(people)
    own = default_people_folder()
    return own if own.is_dir() else None
