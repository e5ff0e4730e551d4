# SPDX-License-Identifier: Apache-2.0
"""The application: paths, pages, errors and the guard in front of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from emorec_service.analysis import Analysis
from emorec_service.settings import Settings
from emorec_service.store.database import first_line
from emorec_service.web.api import router
from emorec_service.web.guard import Guard
from emorec_service.web.pages import page_route
from fastapi import FastAPI
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.formparsers import MultiPartParser
from starlette.routing import Match

VERSION = '1'
DESCRIPTION = """Finds the faces in pictures and tells the emotion of each, with the detector, the
crop and the network of `emorec predict`. What was seen is stored before it is answered; the
pictures themselves are kept only when the service was started with `--keep-pictures`."""


def make_app(settings: Settings) -> FastAPI:
    """Return the application with its model loaded and its store open.

    Raises:
        InputError: if the model or the store cannot be used.
    """
    analysis = Analysis(settings)

    @asynccontextmanager
    async def closing(app: FastAPI) -> AsyncIterator[None]:
        yield
        analysis.close()
    app = FastAPI(title='emorec', version=VERSION, description=DESCRIPTION, docs_url=None,
                  redoc_url=None, lifespan=closing)
    app.state.analysis = analysis
    app.include_router(router)
    _add_pages(app)
    _add_errors(app)
    app.add_middleware(Guard, settings=settings, pool=analysis.pool)
    # Parts of a form stay in memory: pictures that are not kept never reach a disk.
    MultiPartParser.spool_max_size = settings.max_body + 1
    return app


def _add_pages(app: FastAPI) -> None:
    """Add the page at / and the description of the API at /docs."""
    for path, name in (('/', 'page.html'), ('/docs', 'docs.html')):
        app.router.routes.append(page_route(path, Path(__file__).with_name(name)))


def _add_errors(app: FastAPI) -> None:
    """Answer every error with one line in the same form, without what was sent."""
    @app.exception_handler(RequestValidationError)
    async def wrong_field(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = error.errors()
        if any(each['type'] == 'json_invalid' for each in errors):
            return JSONResponse({'detail': 'the request is no JSON'}, 400)
        told = '; '.join(f'{_place(each["loc"])}: {each["msg"]}' for each in errors)
        return JSONResponse({'detail': told}, 422)

    @app.exception_handler(405)
    async def wrong_method(request: Request, error: Exception) -> JSONResponse:
        allowed = sorted({method for route in router.routes if isinstance(route, APIRoute)
                          and route.matches(request.scope)[0] is not Match.NONE
                          for method in route.methods or ()})
        return JSONResponse({'detail': f'give {" or ".join(allowed)} here'}, 405,
                            {'Allow': ', '.join(allowed)})

    @app.exception_handler(SQLAlchemyError)
    async def no_store(request: Request, error: SQLAlchemyError) -> JSONResponse:
        return JSONResponse({'detail': f'the store cannot be used: {first_line(error)}'}, 503,
                            {'Retry-After': '5'})

    @app.exception_handler(OSError)
    async def no_disk(request: Request, error: OSError) -> JSONResponse:
        return JSONResponse({'detail': f'the picture cannot be kept: {error.strerror}'}, 503,
                            {'Retry-After': '5'})


def _place(location: tuple[int | str, ...]) -> str:
    """Return the field that an error is about: ('body', 'threshold') is 'threshold'."""
    return '.'.join(map(str, location[1:])) or str(location[0])
