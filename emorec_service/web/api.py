# SPDX-License-Identifier: Apache-2.0
"""The paths of the service."""

from collections.abc import Iterator
from datetime import datetime
from datetime import timezone
import json
from typing import Annotated
from typing import Any

from emorec_service.analysis import Analysis
from emorec_service.pictures.decode import from_base64
from emorec_service.pictures.kept import read_kept
from emorec_service.refused import Refused
from emorec_service.settings import DEFAULT_THRESHOLD
from emorec_service.store.results import Filter
from emorec_service.store.tables import PictureRow
from emorec_service.web import messages
from fastapi import APIRouter
from fastapi import Depends
from fastapi import File
from fastapi import Form
from fastapi import Path
from fastapi import Query
from fastapi import Request
from fastapi import Response
from fastapi import UploadFile
from fastapi.responses import StreamingResponse

LARGEST_ID = 2**31 - 1
LARGEST_PAGE = 500
TEXTS = {
    400: 'The request cannot be read: broken JSON, multipart or base64, or an empty picture.',
    401: 'The token is missing or wrong.',
    403: 'Asked by a page of another site, or under a name that is not of this machine.',
    404: 'There is none.',
    408: 'The request took too long to come.',
    413: 'The request is too large, or the picture has too many pixels.',
    415: 'The content is no picture in a known format.',
    422: 'A field is wrong, or the picture is damaged.',
    503: 'Too many pictures wait, or the store cannot be reached; see Retry-After.',
}
router = APIRouter()


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of what a path can answer beside its result."""
    return {status: {'model': messages.Problem, 'description': TEXTS[status]}
            for status in sorted({401, 403, 503, *statuses})}


def analysis_of(request: Request) -> Analysis:
    """Return what the application was made with."""
    analysis: Analysis = request.app.state.analysis
    return analysis


def filter_of(service: Annotated[Analysis, Depends(analysis_of)],
              emotion: Annotated[str | None, Query(
                  description='only pictures in which a face shows it at or above the '
                              "picture's threshold; GET /emotions lists them")] = None,
              since: Annotated[messages.Time | None, Query(
                  description='received then or later; UTC unless it says otherwise')] = None,
              until: Annotated[messages.Time | None, Query(description='received before')] = None,
              ) -> Filter:
    """Return the filter that a query asks for."""
    if emotion is not None and emotion not in (known := service.emotions()):
        raise Refused(422, f'emotion: give one of {", ".join(known)}')
    return Filter(emotion, _in_utc(since), _in_utc(until))


def _in_utc(time: datetime | None) -> datetime | None:
    if time is None or time.tzinfo is None:
        return time
    try:
        return time.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        raise Refused(422, 'since or until lies outside the years 1 to 9999') from None


Wanted = Annotated[Filter, Depends(filter_of)]
Service = Annotated[Analysis, Depends(analysis_of)]
PictureId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.post('/index', response_model=messages.IndexReply, tags=['pictures'],
             responses=problems(400, 408, 413, 415, 422))
async def index(picture: messages.IndexRequest, service: Service) -> Any:
    """Tell the emotions in a picture sent as JSON, as the original service took it."""
    row = await service.answer(lambda: from_base64(picture.image), picture.file_name,
                               picture.threshold)
    return {'message': 'image received', **messages.result_of(row)}


@router.post('/pictures', response_model=messages.Result, status_code=201, tags=['pictures'],
             responses=problems(400, 408, 413, 415, 422))
async def add_picture(
        image: Annotated[UploadFile, File(description='the picture file')], service: Service,
        response: Response,
        threshold: Annotated[messages.Threshold, Form()] = DEFAULT_THRESHOLD) -> Any:
    """Tell the emotions in a picture file sent as a form."""
    try:
        name = messages.clean_name(image.filename or '')
    except ValueError as error:
        raise Refused(422, f'file name: {error}') from None
    data = await image.read()
    row = await service.answer(lambda: data, name, threshold)
    response.headers['location'] = f'/pictures/{row.id}'
    return messages.result_of(row)


@router.get('/pictures', response_model=messages.ResultPage, tags=['history'],
            responses=problems(422))
def list_pictures(
        wanted: Wanted, service: Service,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
        before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None) -> Any:
    """List what was seen, the newest first."""
    rows = service.store.page(wanted, limit + 1, before)
    return {'pictures': [messages.result_of(row) for row in rows[:limit]],
            'total': service.store.count(wanted),
            'next_before': rows[limit - 1].id if len(rows) > limit else None}


@router.get('/emotions', response_model=messages.Emotions, tags=['history'],
            responses=problems())
def list_emotions(service: Service) -> Any:
    """List the emotions that the history can be filtered by."""
    return {'emotions': service.emotions()}


@router.get('/pictures/{picture_id}', response_model=messages.Result, tags=['history'],
            responses=problems(404, 422))
def show_picture(picture_id: PictureId, service: Service) -> Any:
    """Show what was seen in one picture."""
    return messages.result_of(_found(service, picture_id))


@router.get('/pictures/{picture_id}/image', tags=['history'], response_class=Response,
            responses={**problems(404, 422), 200: {'content': {'image/*': {}},
                                                   'description': 'The picture as it was sent.'}})
def show_image(picture_id: PictureId, service: Service) -> Response:
    """Return the picture itself, where pictures are kept."""
    row = _found(service, picture_id)
    data = read_kept(row.kept_as) if row.kept_as else None
    if data is None:
        raise Refused(404, f'picture {picture_id} itself was not kept')
    return Response(data, media_type=row.media_type)


@router.delete('/pictures/{picture_id}', response_model=messages.Deleted, tags=['history'],
               responses=problems(404, 422))
def delete_picture(picture_id: PictureId, service: Service) -> Any:
    """Delete what was seen in one picture, and the picture where it was kept."""
    if not service.store.delete(picture_id):
        raise _nothing(picture_id)
    return {'deleted': 1}


@router.delete('/pictures', response_model=messages.Deleted, tags=['history'],
               responses=problems())
def delete_all(service: Service) -> Any:
    """Delete everything."""
    return {'deleted': service.store.delete_all()}


@router.get('/export', tags=['history'], response_class=Response, responses={
    **problems(422), 200: {'content': {'application/json': {}}, 'description': 'The file.'}})
def export(wanted: Wanted, service: Service) -> StreamingResponse:
    """Return the history in the original's JSON form, the oldest first."""
    service.store.count(wanted)  # a store that cannot be reached is said before the 200
    return StreamingResponse(
        _exported(service.store.every(wanted)), media_type='application/json',
        headers={'content-disposition': 'attachment; filename="images.json"'})


@router.get('/health', response_model=messages.Health, tags=['service'], responses=problems())
def health(service: Service) -> Any:
    """Tell how the service is."""
    return service.health()


def _exported(rows: Iterator[PictureRow]) -> Iterator[str]:
    comma = ''
    yield '{"images": ['
    for row in rows:
        yield f'{comma}\n{json.dumps(messages.original_form(row))}'
        comma = ','
    yield '\n]}\n'


def _found(service: Analysis, picture_id: int) -> PictureRow:
    row = service.store.get(picture_id)
    if row is None:
        raise _nothing(picture_id)
    return row


def _nothing(picture_id: int) -> Refused:
    return Refused(404, f'there is no picture {picture_id}; see GET /pictures')
