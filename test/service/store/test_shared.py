# SPDX-License-Identifier: Apache-2.0
"""Several services answer behind one PostgreSQL, and one of them is killed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from patience import PATIENCE
from patience import wait_until
import pytest

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
httpx2 = pytest.importorskip('httpx2', reason='requirements/test.txt is needed')
from service.processes import Served  # noqa: E402, I100
from service.requests import TOKEN  # noqa: E402


def new_database(postgresql: str, name: str) -> str:
    """Return the URL of an empty database."""
    import psycopg
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE {name}')
    return f'{postgresql.rpartition("/")[0]}/{name}'


@pytest.mark.parametrize('kind', ['postgresql', 'sqlite'])
def test_services_that_start_together_make_the_tables_once(kind, tmp_path, request):
    from emorec_service.store.results import Store
    for number in range(4):
        url = (f'sqlite:///{tmp_path}/{number}.db' if kind == 'sqlite' else
               new_database(request.getfixturevalue('postgresql'), f'together_{number}'))
        together = Barrier(6)

        def start(_: int, url: str = url, together: Barrier = together) -> Store:
            together.wait(PATIENCE)
            return Store(url)
        with ThreadPoolExecutor(6) as threads:
            for store in threads.map(start, range(6)):
                store.close()


def test_three_services_share_one_postgresql(postgresql, tmp_path, portrait):
    url = new_database(postgresql, 'shared')
    kept = tmp_path / 'kept'
    token = tmp_path / 'token'
    token.write_text(TOKEN)
    token.chmod(0o600)
    arguments = ('--db', url, '--keep-pictures', str(kept), '--token-file', str(token))
    headers = {'authorization': f'Bearer {TOKEN}'}
    folders = [tmp_path / name for name in 'abc']
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(9) as threads:
        a, b, c = threads.map(lambda folder: Served(folder, *arguments), folders)
        answered = []

        def send(service: Served, times: int) -> None:
            for _ in range(times):
                try:
                    reply = httpx2.post(f'{service.url}/pictures', timeout=PATIENCE,
                                        headers=headers, files={'image': ('p.jpg', portrait)})
                except httpx2.TransportError:
                    return
                if reply.status_code == 201:
                    answered.append(reply.json())
        with a, b, c:
            killed = [threads.submit(send, b, 100) for _ in range(2)]
            sending = [threads.submit(send, each, 6) for each in (a, c)]
            wait_until(lambda: len(answered) >= 6)
            b.kill()
            for each in (*killed, *sending):
                each.result()
            again = Served(tmp_path / 'b', *arguments)
            with again:
                check_that_all_is_there((a, c, again), answered, kept, portrait, headers)


def check_that_all_is_there(services, answered, kept: Path, portrait, headers) -> None:
    """Assert that each service knows every answer, its picture too, and forgets it for all."""
    assert len({result['id'] for result in answered}) == len(answered) >= 12
    for number, result in enumerate(answered):
        path = f'/pictures/{result["id"]}'
        service = services[number % len(services)]
        assert httpx2.get(service.url + path, headers=headers).json() == result
        picture = httpx2.get(f'{service.url}{path}/image', headers=headers)
        assert picture.content == portrait
    gone, other = services[0], services[1]
    assert httpx2.delete(f'{gone.url}/pictures', headers=headers).json()['deleted'] >= 12
    assert httpx2.get(f'{other.url}/pictures', headers=headers).json()['total'] == 0
    assert [path for path in kept.iterdir() if not path.name.endswith('.part')] == []
