# SPDX-License-Identifier: Apache-2.0
"""Who may ask, how much they may send, and how many at once."""

import asyncio
from threading import Event
from threading import Thread

from emorec_vision.errors import InputError
from patience import PATIENCE
from patience import wait_until
import pytest

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.guard import LimitedBody  # noqa: E402, I100
from emorec_service.pictures import Refused  # noqa: E402
from emorec_service.server import check_reach  # noqa: E402
from emorec_service.settings import is_loopback  # noqa: E402
from emorec_service.settings import read_token  # noqa: E402
from emorec_service.settings import same_token  # noqa: E402
from emorec_service.settings import Settings  # noqa: E402

TOKEN = '0123456789abcdef0123'


def send(client, data):
    """Post a picture as a form and return the reply."""
    return client.post('/pictures', files={'image': ('a.jpg', data)})


@pytest.mark.parametrize('host, loopback', [
    ('127.0.0.1', True), ('127.8.8.8', True), ('::1', True), ('[::1]', True), ('LocalHost', True),
    ('0.0.0.0', False), ('::', False), ('192.168.1.5', False), ('robot.local', False),
    ('localhost.evil.example', False), ('', False)])
def test_what_others_can_reach_needs_a_token(host, loopback):
    assert is_loopback(host) == loopback
    if loopback:
        check_reach(Settings('sqlite:///x', host))
    else:
        with pytest.raises(InputError, match='--token-file'):
            check_reach(Settings('sqlite:///x', host))
        check_reach(Settings('sqlite:///x', host, token=TOKEN))


@pytest.mark.parametrize('content', [b'', b'\n', b'short\n', b'with blanks in it', b'\xff'])
def test_a_weak_token_is_refused_with_the_command_for_a_good_one(tmp_path, content):
    path = tmp_path / 'token'
    path.write_bytes(content)
    with pytest.raises(InputError, match='openssl rand'):
        read_token(path)
    with pytest.raises(InputError, match='cannot read'):
        read_token(tmp_path / 'none')
    path.write_text(f'{TOKEN}\nsecond line\n')
    assert read_token(path) == TOKEN


def test_tokens_are_compared_whole():
    assert same_token(TOKEN, TOKEN)
    assert not any(same_token(shown, TOKEN) for shown in ('', TOKEN[:-1], TOKEN + 'x', 'é\udcff'))


@pytest.mark.parametrize('header', [None, 'Bearer wrong', 'Bearer', f'Basic {TOKEN}', TOKEN])
def test_without_the_token_there_are_only_the_static_pages(serve, portrait, header):
    client = serve(host='0.0.0.0', token=TOKEN)
    client.headers.update({'authorization': header} if header else {})
    for path in ('/pictures', '/export', '/health', '/pictures/1', '/nothing'):
        reply = client.get(path)
        assert (reply.status_code, reply.headers['www-authenticate']) == (401, 'Bearer')
    assert send(client, portrait).status_code == 401
    assert client.delete('/pictures').status_code == 401
    assert [client.get(path).status_code for path in ('/', '/docs')] == [200, 200]


def test_with_the_token_everything_is_open_under_every_name(serve):
    client = serve(host='0.0.0.0', token=TOKEN)
    headers = {'authorization': f'bearer {TOKEN}', 'host': 'robot.local:5000'}
    assert client.get('/pictures', headers=headers).status_code == 200


@pytest.mark.parametrize('host, status', [
    ('127.0.0.1:5000', 200), ('localhost', 200), ('[::1]:5000', 200),
    ('evil.example', 403), ('127.0.0.1.evil.example:5000', 403), ('', 403)])
def test_a_foreign_name_for_this_machine_is_refused(client, host, status):
    assert client.get('/pictures', headers={'host': host}).status_code == status


@pytest.mark.parametrize('origin, status', [
    ('http://127.0.0.1:5000', 200), ('http://evil.example', 403), ('null', 403),
    ('http://127.0.0.1:8000', 403)])
def test_pages_of_other_sites_are_refused(client, origin, status):
    assert client.delete('/pictures', headers={'origin': origin}).status_code == status


def test_a_body_that_is_too_large_is_refused_while_it_comes(serve, portrait):
    client = serve(max_body=2**20)
    assert send(client, portrait).status_code == 201
    sent = []

    def chunks():
        for _ in range(100):
            sent.append(1)
            yield b'x' * 2**18
    declared = client.post('/index', content=b'x' * (2**20 + 1))
    streamed = client.post('/index', content=chunks(),
                           headers={'content-type': 'application/json'})
    for reply in (declared, streamed):
        assert reply.status_code == 413
        assert '1 MiB' in reply.json()['detail']


def test_a_body_that_does_not_come_is_not_waited_for():
    async def never():
        await asyncio.sleep(60)
    body = LimitedBody(never, Settings('sqlite:///x', upload_seconds=0.05))
    with pytest.raises(Refused) as refused:
        asyncio.run(body.receive())
    assert refused.value.status_code == 408


def test_a_picture_with_too_many_pixels_is_refused(serve, portrait):
    reply = send(serve(max_pixels=240 * 239), portrait)
    assert reply.status_code == 413
    assert '240x240 px' in reply.json()['detail']


def test_too_many_get_503_and_when_to_come_again(serve, portrait, monkeypatch):
    client = serve(workers=1, waiting=1)
    pool = client.app.state.analysis.pool
    go_on, replies = Event(), []
    add = client.app.state.analysis.store.add

    def wait_and_add(*arguments):
        assert go_on.wait(PATIENCE)
        return add(*arguments)
    monkeypatch.setattr(client.app.state.analysis.store, 'add', wait_and_add)
    threads = [Thread(target=lambda: replies.append(send(client, portrait).status_code))
               for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: pool.taken >= 2)
    refused = send(client, portrait)
    assert refused.status_code == 503
    assert int(refused.headers['retry-after']) >= 1
    assert client.get('/health').json()['refused'] == 1
    go_on.set()
    for thread in threads:
        thread.join()
    assert replies == [201, 201]
    assert pool.taken == 0
    assert send(client, portrait).status_code == 201


def test_answers_tell_browsers_to_keep_and_guess_nothing(client):
    for reply in (client.get('/pictures'), client.get('/nothing'),
                  client.get('/pictures', headers={'host': 'evil.example'})):
        assert reply.headers['x-content-type-options'] == 'nosniff'
        assert reply.headers['cache-control'] == 'no-store'
