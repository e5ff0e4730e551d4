# SPDX-License-Identifier: Apache-2.0
"""What goes over the wire, as the OpenAPI description shows it."""

from datetime import datetime
from datetime import timezone
import re
from typing import Annotated
from typing import Any

from emorec_service.settings import DEFAULT_THRESHOLD
from emorec_service.store.tables import FaceRow
from emorec_service.store.tables import LONGEST_NAME
from emorec_service.store.tables import PictureRow
from emorec_vision.emotions import EMOTIONS
from emorec_vision.emotions import SURE_FROM
from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import Field

Emotion = Annotated[str, Field(
    description='name of an emotion that the model tells; the shipped one tells '
                f'{", ".join(EMOTIONS)}')]

ORIGINAL_NAMES = {'Angry': 'anger', 'Disgust': 'disgust', 'Fear': 'fear', 'Happy': 'happiness',
                  'Sad': 'sadness', 'Surprise': 'surprise', 'Neutral': 'neutral'}
"""Names of the emotions in the exported form; others keep their own."""
ORIGINAL_DIGITS = 2
CONTROL = re.compile('[\0-\x1f\x7f\ud800-\udfff]')
"""What no file name needs, and lone surrogates, which have no UTF-8."""


def clean_name(name: str) -> str:
    """Return the last part of a file name, without its folders.

    Raises:
        ValueError: if it is too long or holds control characters.
    """
    last = re.split(r'[/\\]', name)[-1]
    if len(last) > LONGEST_NAME or CONTROL.search(last):
        raise ValueError(f'give a name of at most {LONGEST_NAME} characters, without control '
                         'characters')
    return last


def no_number(text: Any) -> Any:
    """Refuse a number, which pydantic would take for seconds since 1970.

    Raises:
        ValueError: if it is one.
    """
    try:
        float(text)
    except (TypeError, ValueError):
        return text
    raise ValueError('give a date and time, such as 2026-01-31T12:00:00Z')


Time = Annotated[datetime, BeforeValidator(no_number)]
Threshold = Annotated[float, Field(
    ge=0.0, le=1.0, allow_inf_nan=False,
    description='emotions at least as probable are the ones at or above the threshold')]
FileName = Annotated[str, AfterValidator(clean_name), Field(
    description='what to call the picture in the history')]


class IndexRequest(BaseModel):
    """Hold a picture as the original service took it."""

    image: str = Field(description='the bytes of the picture file in base64')
    threshold: Threshold = DEFAULT_THRESHOLD
    file_name: FileName = ''


class Face(BaseModel):
    """Hold one face, numbered from left to right."""

    face_id: int = Field(ge=1)
    bbox: tuple[int, int, int, int] = Field(
        description='left, top, right, bottom in px; right and bottom lie just outside')
    person: str = Field(description="who it is, of the service's folder of people; empty for "
                                    'somebody unknown, and where it has none')
    emotion: Emotion = Field(description='the most probable one')
    sure: bool = Field(description=f'whether its probability is at least {SURE_FROM}; a face of '
                                   'which it is not is shown as "not sure"')
    probabilities: dict[Emotion, float] = Field(description='of all emotions, together 1')
    above_threshold: dict[Emotion, float] = Field(
        description='those at or above the threshold, the most probable first')


class Result(BaseModel):
    """Hold what was seen in one picture."""

    id: int  # noqa: A003
    received: datetime = Field(description='UTC')
    file_name: str
    threshold: float
    width: int = Field(description='px, as its EXIF orientation turns it')
    height: int
    kept: bool = Field(description='whether the picture itself is kept')
    faces: list[Face]


class IndexReply(Result):
    """Add the sentence that the original service replied with."""

    message: str = 'image received'


class ResultPage(BaseModel):
    """Hold some results, the newest first."""

    pictures: list[Result]
    total: int = Field(description='how many the filter fits, on all pages')
    next_before: int | None = Field(
        description='pass it as `before` to get the next page; null on the last one')


class Emotions(BaseModel):
    """Name the emotions that the filter of the history takes."""

    emotions: list[Emotion] = Field(
        description='the seven, what the model tells and what some face here was told to show')


class Deleted(BaseModel):
    """Say how many results were deleted."""

    deleted: int


class Health(BaseModel):
    """Say how the service is."""

    status: str
    model: str
    workers: int = Field(description='pictures that are worked on at once')
    busy: int = Field(description='pictures on their way in, waiting or worked on')
    places: int = Field(description='as many may be; more get 503')
    refused: int = Field(description='pictures that got 503 since the start')
    workers_replaced: int = Field(description='processes started for ones that a picture took '
                                              'beyond its limits, since the start')
    pictures_answered: int = Field(description='since the start')
    faces_found: int = Field(description='since the start')
    seconds_per_picture: float = Field(description='running mean of decoding, search, network '
                                                   'and store')


class Problem(BaseModel):
    """Say in one line what was wrong and what to do."""

    detail: str


def result_of(row: PictureRow) -> dict[str, Any]:
    """Return a stored picture in the form of Result."""
    return {'id': row.id, 'received': row.received.replace(tzinfo=timezone.utc),
            'file_name': row.file_name, 'threshold': row.threshold, 'width': row.width,
            'height': row.height, 'kept': row.kept_as is not None,
            'faces': [_face(face, row.threshold) for face in row.faces]}


def original_form(row: PictureRow) -> dict[str, Any]:
    """Return a stored picture as an entry of the list `images` of the original's store.

    Each face has its number, the emotions at or above the threshold with two digits, and its
    corners; these are numbers, which int() takes like the original's strings.
    """
    return {'file_name': row.file_name, 'threshold': row.threshold, 'faces': [
        {'face_id': face.face_id,
         **{ORIGINAL_NAMES.get(name, name): round(share, ORIGINAL_DIGITS)
            for name, share in face.probabilities.items() if share >= row.threshold},
         'bbox': face.bbox} for face in row.faces]}


def _face(face: FaceRow, threshold: float) -> dict[str, Any]:
    shares = face.probabilities
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    return {'face_id': face.face_id, 'bbox': face.bbox, 'person': face.person,
            'emotion': ranked[0][0],
            'sure': ranked[0][1] >= SURE_FROM,
            'probabilities': shares,
            'above_threshold': {name: share for name, share in ranked if share >= threshold}}
