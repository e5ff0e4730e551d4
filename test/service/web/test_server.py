# SPDX-License-Identifier: Apache-2.0
"""`emorec serve` as a process: kills, ends, what it listens on, and the guide to it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import re
import shutil
import socket
import subprocess

from emorec_vision.errors import InputError
from patience import PATIENCE
from patience import wait_until
import pytest
from service.requests import TOKEN

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
httpx2 = pytest.importorskip('httpx2', reason='requirements/test.txt is needed')
from emorec_service.settings import is_loopback  # noqa: E402, I100
from emorec_service.settings import Settings  # noqa: E402
from emorec_service.web.server import check_reach  # noqa: E402
from service.processes import Served  # noqa: E402

GUIDE = Path(__file__).resolve().parents[3] / 'docs' / 'service.md'


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


def test_a_kill_loses_nothing_that_was_answered(tmp_path, portrait):
    kept = tmp_path / 'kept'
    answered = []

    def send_until_it_is_dead(number):
        while True:
            try:
                reply = httpx2.post(f'{served.url}/pictures', timeout=PATIENCE,
                                    headers=served.headers,
                                    files={'image': (f'{number}.jpg', portrait)})
            except httpx2.TransportError:
                return
            if reply.status_code == 201:
                answered.append(reply.json())
    with Served(tmp_path, '--keep-pictures', str(kept)) as served, \
            ThreadPoolExecutor(4) as threads:
        sending = [threads.submit(send_until_it_is_dead, number) for number in range(4)]
        wait_until(lambda: len(answered) >= 6)
        served.kill()
        for each in sending:
            each.result()
    with Served(tmp_path, '--keep-pictures', str(kept)) as served:
        for result in answered:
            url, headers = f'{served.url}/pictures/{result["id"]}', served.headers
            assert httpx2.get(url, headers=headers).json() == result
            picture = httpx2.get(f'{url}/image', headers=headers)
            assert picture.content == portrait
        assert not list(kept.glob('.*'))
        half_sent = socket.create_connection(
            (served.url.split(':')[1].strip('/'), int(served.url.split(':')[2])))
        half_sent.sendall(b'POST /pictures HTTP/1.1\r\nHost: 127.0.0.1\r\n'
                          b'Content-Length: 100\r\n\r\nhalf')
        half_sent.close()
        health = httpx2.get(f'{served.url}/health', headers=served.headers)
        assert health.json()['status'] == 'ok'
        assert served.end() == 0
    assert served.log.count('\n') == 1, served.log
    folder = tmp_path / 'emorec' / 'service'
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.skipif(shutil.which('curl') is None, reason='curl is not installed')
def test_the_examples_of_the_guide_work_as_written(tmp_path, portrait):
    readme = GUIDE.parents[1] / 'README.md'
    lines = [line for path in (readme, GUIDE) for block in
             re.findall(r'```sh\n(.*?)```', path.read_text(), re.DOTALL)
             for line in block.splitlines() if line.startswith('curl ')]
    assert len(lines) >= 6
    setting_of_token, = re.findall(r'^token=.*', GUIDE.read_text(), re.MULTILINE)
    (tmp_path / 'photo.jpg').write_bytes(portrait)
    with Served(tmp_path) as served:
        for line in lines:
            command = line.replace('http://127.0.0.1:5000', served.url)
            assert command != line
            setting = setting_of_token.replace('~/.local/share', str(tmp_path))
            run = subprocess.run(['bash', '-c', f'{setting}\n{command}'], cwd=tmp_path,
                                 capture_output=True, text=True, timeout=60)
            assert (run.returncode, run.stderr) == (0, ''), line
            assert '"detail"' not in run.stdout, (line, run.stdout)
