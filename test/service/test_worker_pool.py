# SPDX-License-Identifier: Apache-2.0
"""A bounded number of pictures is at work and waiting."""

from threading import Event
from threading import Thread

from patience import PATIENCE
from patience import wait_until
from service.requests import send


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
