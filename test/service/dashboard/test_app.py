# SPDX-License-Identifier: Apache-2.0
"""The paths of the dashboard: who gets in, and what buttons may ask."""

from typing import Any

from emorec_service.dashboard.board import Board
import pytest

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.dashboard import app as module  # noqa: E402, I100
from emorec_service.dashboard.app import make_dashboard  # noqa: E402
from emorec_service.settings import Settings  # noqa: E402
from service.requests import TOKEN  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

HEADERS = {'authorization': f'Bearer {TOKEN}'}


class Dashboard:
    """A dashboard, and what its buttons asked for."""

    def __init__(self) -> None:
        self.board = Board()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.client = TestClient(
            make_dashboard(self.board, lambda *asked: self.asked.append(asked),
                           Settings('', token=TOKEN, max_body=4096)),
            base_url='http://127.0.0.1:5050', raise_server_exceptions=False)


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    """Return a dashboard that waits for nothing."""
    monkeypatch.setattr(module, 'WAIT', 0.0)
    return Dashboard()


@pytest.mark.parametrize('path', ['/state', '/image/colour', '/image/depth'])
def test_nobody_sees_anything_without_the_token(dashboard: Dashboard, path: str) -> None:
    """Only the page itself, which is the same for everybody, is open."""
    assert dashboard.client.get(path).status_code == 401
    wrong = {'authorization': 'Bearer wrong'}
    assert dashboard.client.get(path, headers=wrong).status_code == 401
    assert dashboard.client.get(path, headers=HEADERS).status_code in (200, 204)
    page = dashboard.client.get('/')
    assert page.status_code == 200 and "default-src 'none'" in page.headers[
        'content-security-policy']


def test_a_page_of_another_site_presses_no_button(dashboard: Dashboard) -> None:
    """Nor does a name that somebody let point to this machine."""
    for headers in ({'origin': 'http://evil.example'}, {'host': 'evil.example'}):
        reply = dashboard.client.post('/switch', json={'enabled': False},
                                      headers={**HEADERS, **headers})
        assert reply.status_code == 403
    assert dashboard.asked == []


@pytest.mark.parametrize('path, fields, asked', [
    ('enrol', {'name': 'Ada'}, {'name': 'Ada', 'track_id': ''}),
    ('enrol', {'name': 'Ada', 'track_id': 's-1'}, {'name': 'Ada', 'track_id': 's-1'}),
    ('rename', {'name': 'Ada', 'new_name': 'Eve'}, {'name': 'Ada', 'new_name': 'Eve'}),
    ('forget', {'name': 'Ada'}, {'name': 'Ada'}),
    ('learn', {'name': 'Ada'}, {'name': 'Ada', 'expressions': []}),
    ('skip', {}, {}),
    ('switch', {'enabled': False}, {'enabled': False}),
])
def test_a_button_begins_what_it_says(dashboard: Dashboard, path: str, fields: dict[str, Any],
                                      asked: dict[str, Any]) -> None:
    """The answer comes at once; what becomes of it is told on the board."""
    reply = dashboard.client.post(f'/{path}', json=fields, headers=HEADERS)
    assert reply.status_code == 202
    assert dashboard.asked == [(path, asked)]


@pytest.mark.parametrize('path, fields', [
    ('enrol', {}), ('enrol', {'name': ''}), ('enrol', {'name': 'A' * 65}),
    ('rename', {'name': 'Ada'}), ('switch', {}), ('learn', {'name': 'Ada', 'expressions': 'Sad'}),
    ('enrol', {'name': 'Ada', 'track_id': 'x' * 257})])
def test_what_a_button_cannot_mean_is_refused(
        dashboard: Dashboard, path: str, fields: dict[str, Any]) -> None:
    """Before any node hears of it."""
    reply = dashboard.client.post(f'/{path}', json=fields, headers=HEADERS)
    assert reply.status_code == 422
    assert dashboard.asked == []


def test_images_come_with_their_numbers(dashboard: Dashboard) -> None:
    """And nothing comes where there is none newer; other kinds do not exist."""
    get = dashboard.client.get
    assert get('/image/colour', headers=HEADERS).status_code == 204
    dashboard.board.show_image('colour', b'jpeg')
    reply = get('/image/colour', headers=HEADERS)
    assert (reply.content, reply.headers['x-number']) == (b'jpeg', '1')
    assert get('/image/colour?after=1', headers=HEADERS).status_code == 204
    assert get('/image/infrared', headers=HEADERS).status_code == 422
