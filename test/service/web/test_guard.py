# SPDX-License-Identifier: Apache-2.0
"""Who may ask, and how much they may send."""

import asyncio

import pytest
from service.requests import send
from service.requests import TOKEN

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.refused import Refused  # noqa: E402, I100
from emorec_service.settings import Settings  # noqa: E402
from emorec_service.web.guard import LimitedBody  # noqa: E402


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


def test_answers_tell_browsers_to_keep_and_guess_nothing(client):
    for reply in (client.get('/pictures'), client.get('/nothing'),
                  client.get('/pictures', headers={'host': 'evil.example'})):
        assert reply.headers['x-content-type-options'] == 'nosniff'
        assert reply.headers['cache-control'] == 'no-store'
