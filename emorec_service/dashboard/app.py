# SPDX-License-Identifier: Apache-2.0
"""The paths of the dashboard."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import Literal

from emorec_service.dashboard.board import Board
from emorec_service.settings import Settings
from emorec_service.web.guard import Guard
from emorec_service.web.pages import page_route
from fastapi import FastAPI
from fastapi import Query
from fastapi import Response
from pydantic import BaseModel
from pydantic import Field

WAIT = 2.0
"""Seconds that a request for news waits for some."""
LONGEST_NAME = 64

Act = Callable[[str, dict[str, Any]], None]
"""Begins what a button asks for; what becomes of it is told on the board."""
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
After = Annotated[int, Query(ge=0, description='the number that the last answer had')]


class Enrol(BaseModel):
    """Who is to be known from now on."""

    name: Name
    track_id: str = Field('', max_length=256, description="of that person; '': who is alone in "
                                                          'view')


class Rename(BaseModel):
    """Who is to be called what."""

    name: Name
    new_name: Name


class Forget(BaseModel):
    """Who is to be forgotten."""

    name: Name


class Learn(BaseModel):
    """Whose expressions are to be learnt, and which; none: all."""

    name: Name
    expressions: list[Name] = Field([], max_length=16)


class Skip(BaseModel):
    """The expression that is being learnt is left out."""


class Switch(BaseModel):
    """Whether the robot looks at faces."""

    enabled: bool


def make_dashboard(board: Board, act: Act, settings: Settings) -> FastAPI:
    """Return the application.

    Args:
        board: what is shown.
        act: takes the name of an action and its fields.
        settings: who may ask; of the rest only the limits of requests count.
    """
    app = FastAPI(title='emorec dashboard', docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.append(page_route('/', Path(__file__).with_name('page.html')))

    @app.get('/state')
    def state(after: After = 0) -> dict[str, Any]:
        return board.snapshot(after, WAIT)

    @app.get('/image/{kind}')
    def image(kind: Literal['colour', 'depth'], after: After = 0) -> Response:
        found = board.image(kind, after, WAIT)
        if found is None:
            return Response(status_code=204)
        number, jpeg = found
        return Response(jpeg, media_type='image/jpeg', headers={'x-number': str(number)})

    def begins(name: str, kind: type[BaseModel]) -> None:
        def begin(wanted: kind) -> dict[str, str]:  # type: ignore[valid-type]
            act(name, wanted.model_dump())  # type: ignore[attr-defined]
            return {'detail': 'asked'}
        app.post(f'/{name}', status_code=202)(begin)

    for name, kind in (('enrol', Enrol), ('rename', Rename), ('forget', Forget),
                       ('learn', Learn), ('switch', Switch), ('skip', Skip)):
        begins(name, kind)
    app.add_middleware(Guard, settings=settings)
    return app
