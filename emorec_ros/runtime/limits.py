# SPDX-License-Identifier: Apache-2.0
"""What one message may cost at most, checked before any node works on it.

The limits are far beyond what emorec publishes itself. Types are known by their names, for the
packages of some need not be there.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from math import isinf
import re
from typing import Any

from emorec_vision.emotions import LONGEST_LABEL
from emorec_vision.emotions import MOST_LABELS
from emorec_vision.still_image.header import MAX_PIXELS

MOST_FACES = 256
"""Faces, emotions, identities or people in one array."""
LONGEST_NAME = 256
"""Characters of a track_id, session, frame_id or the name of a person (255 bytes as a folder)."""
LONGEST_WORD = 128
"""Characters of an encoding, a format, a model of distortion or a reason."""
MAX_SIDE = 65535
"""Width or height of an image, px; regions end within it."""
MAX_STEP = 16 * MAX_SIDE
"""Bytes of a row."""
MAX_COMPRESSED = 64 * 2**20
"""Bytes of a compressed image."""
MAX_CROP_SIDE = 512
"""Width or height of a face's crop, px; emorec's own have 160 at most."""
MAX_CROP_BYTES = 16 * 2**20
"""Of all crops of an array."""
MOST_COEFFICIENTS = 64
MOST_TRANSFORMS = 4096
ROUNDING = 1e-3
"""By which a float32 share may be off."""
FORBIDDEN = re.compile('[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
"""Control characters and line breaks, which no name can hold (emorec_vision.people.names)."""

Check = Callable[[Any], None]


class LimitError(ValueError):
    """A message is beyond a limit; the text says which one."""


def check_of(kind: type) -> Check:
    """Return what checks messages of a type, and raises LimitError."""
    return CHECKS.get(kind.__name__, lambda message: None)


def _count(what: str, values: Sequence[Any], most: int) -> None:
    if len(values) > most:
        raise LimitError(f'{len(values)} {what}, {most} at most')


def _name(what: str, text: str, longest: int = LONGEST_NAME) -> None:
    if len(text) > longest:
        raise LimitError(f'{what} has {len(text)} characters, {longest} at most')
    if not text.isprintable() and FORBIDDEN.search(text):
        raise LimitError(f'{what} holds a control character')


def _share(what: str, values: Iterable[float]) -> None:
    for value in values:
        if not -ROUNDING <= value <= 1 + ROUNDING:
            raise LimitError(f'{what} is {value:g}, not 0 to 1')


def _finite(what: str, *values: float) -> None:
    """Check that values are finite or, where nothing is known, NaN."""
    if any(map(isinf, values)):
        raise LimitError(f'{what} is infinite')


def _size(what: str, width: int, height: int, side: int = MAX_SIDE) -> None:
    if max(width, height) > side or width * height > MAX_PIXELS:
        raise LimitError(f'{what} of {width}x{height} px, {side} px a side and '
                         f'{MAX_PIXELS / 1e6:g} megapixels at most')


def _roi(roi: Any) -> None:
    if max(roi.x_offset + roi.width, roi.y_offset + roi.height) > MAX_SIDE:
        raise LimitError(f'a region ends beyond {MAX_SIDE} px')


def _position(message: Any) -> None:
    point, bearing = message.position, message.bearing
    _finite('a position', message.distance, point.x, point.y, point.z,
            bearing.x, bearing.y, bearing.z)


def _head(message: Any) -> None:
    _name('frame_id', message.header.frame_id)


def _tracks(message: Any, what: str, members: Sequence[Any]) -> None:
    _head(message)
    _name('session', message.session)
    _count(what, members, MOST_FACES)
    for member in members:
        _name('track_id', member.track_id)


def _faces(message: Any) -> None:
    _tracks(message, 'faces', message.faces)
    _size('an image', message.image_width, message.image_height)
    total = 0
    for face in message.faces:
        _name('rejected_because', face.rejected_because, LONGEST_WORD)
        _roi(face.roi)
        _roi(face.crop_roi)
        _position(face)
        _finite('an angle', face.yaw, face.pitch, face.roll)
        _size('a crop', face.crop.width, face.crop.height, MAX_CROP_SIDE)
        _name('encoding', face.crop.encoding, LONGEST_WORD)
        total += len(face.crop.data)
    if total > MAX_CROP_BYTES:
        raise LimitError(f'{total} bytes of crops, {MAX_CROP_BYTES} at most')


def _labels(message: Any) -> None:
    _count('labels', message.labels, MOST_LABELS)
    for label in message.labels:
        _name('a label', label, LONGEST_LABEL)


def _face_emotions(message: Any) -> None:
    _tracks(message, 'emotions', message.emotions)
    _labels(message)
    for face in message.emotions:
        _count('probabilities', face.label_probabilities, MOST_LABELS)
        _count('probabilities', face.adapted, MOST_LABELS)
        _share('a probability', face.probabilities)
        _share('a probability', face.label_probabilities)
        _share('a weight', [face.adapted_weight])


def _identities(message: Any) -> None:
    _tracks(message, 'identities', message.identities)
    for identity in message.identities:
        _name('person', identity.person)
        _share('a confidence', [identity.confidence])


def _people(message: Any) -> None:
    _tracks(message, 'people', message.people)
    _labels(message)
    for person in message.people:
        _name('person', person.person)
        _name('a label', person.label, LONGEST_LABEL)
        _count('probabilities', person.label_probabilities, MOST_LABELS)
        _share('a share', (person.share, person.probability, person.adapted_weight))
        _finite('a probability', *person.probabilities, *person.label_probabilities)
        _roi(person.roi)
        _position(person)


def _named(message: Any) -> None:
    """Check one person in an event or a summary."""
    for name in ('person', 'track_id', 'name', 'new_name', 'label', 'from_label', 'to_label',
                 'event_label', 'expression', 'prompt', 'hint'):
        _name(name, getattr(message, name, ''))


def _event(message: Any) -> None:
    _head(message)
    _named(message)


def _summary(message: Any) -> None:
    _head(message)
    _count('people', message.people, MOST_FACES)
    for person in message.people:
        _named(person)
        _finite('a distance', person.distance)


def _image(message: Any) -> None:
    _head(message)
    _size('an image', message.width, message.height)
    _name('encoding', message.encoding, LONGEST_WORD)
    if message.step > MAX_STEP:
        raise LimitError(f'step is {message.step} bytes, {MAX_STEP} at most')


def _compressed(message: Any) -> None:
    _head(message)
    _name('format', message.format, LONGEST_WORD)
    if len(message.data) > MAX_COMPRESSED:
        raise LimitError(f'{len(message.data)} bytes of an image, {MAX_COMPRESSED} at most')


def _camera_info(message: Any) -> None:
    _head(message)
    _size('an image', message.width, message.height)
    _name('distortion_model', message.distortion_model, LONGEST_WORD)
    _count('coefficients', message.d, MOST_COEFFICIENTS)


def _transforms(message: Any) -> None:
    _count('transforms', message.transforms, MOST_TRANSFORMS)
    for transform in message.transforms:
        _head(transform)
        _name('child_frame_id', transform.child_frame_id)


CHECKS: dict[str, Check] = {
    'FaceArray': _faces, 'FaceEmotionArray': _face_emotions, 'IdentityArray': _identities,
    'PersonEmotionArray': _people, 'EmotionChange': _event, 'PersonChange': _event,
    'PersonEvent': _event, 'ExpressionProgress': _event, 'EnrollProgress': _event,
    'PeopleSummary': _summary, 'Image': _image, 'CompressedImage': _compressed,
    'CameraInfo': _camera_info, 'TFMessage': _transforms,
    'Header': lambda header: _name('frame_id', header.frame_id)}
"""By the name of the type."""
