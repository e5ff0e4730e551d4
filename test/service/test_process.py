# SPDX-License-Identifier: Apache-2.0
"""`emorec serve` as a process: kills, ends, and starts that are refused."""

from concurrent.futures import ThreadPoolExecutor
import os
from pathlib import Path
import re
import shutil
import socket
import subprocess
import sys

from emorec_cli.main import main
from patience import PATIENCE
from patience import wait_until
import pytest

httpx2 = pytest.importorskip('httpx2', reason='requirements/test.txt is needed')
pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from service.processes import Served  # noqa: E402

GUIDE = Path(__file__).resolve().parents[2] / 'docs' / 'service.md'


def test_a_kill_loses_nothing_that_was_answered(tmp_path, portrait):
    kept = tmp_path / 'kept'
    answered = []

    def send_until_it_is_dead(number):
        while True:
            try:
                reply = httpx2.post(f'{served.url}/pictures', timeout=PATIENCE,
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
            assert httpx2.get(f'{served.url}/pictures/{result["id"]}').json() == result
            picture = httpx2.get(f'{served.url}/pictures/{result["id"]}/image')
            assert picture.content == portrait
        assert not list(kept.glob('.*'))
        half_sent = socket.create_connection(
            (served.url.split(':')[1].strip('/'), int(served.url.split(':')[2])))
        half_sent.sendall(b'POST /pictures HTTP/1.1\r\nHost: 127.0.0.1\r\n'
                          b'Content-Length: 100\r\n\r\nhalf')
        half_sent.close()
        assert httpx2.get(f'{served.url}/health').json()['status'] == 'ok'
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
    (tmp_path / 'photo.jpg').write_bytes(portrait)
    with Served(tmp_path) as served:
        for line in lines:
            command = line.replace('http://127.0.0.1:5000', served.url)
            assert command != line
            run = subprocess.run(['bash', '-c', command], cwd=tmp_path, capture_output=True,
                                 text=True, timeout=60)
            assert (run.returncode, run.stderr) == (0, ''), line
            assert '"detail"' not in run.stdout, (line, run.stdout)


@pytest.mark.parametrize('arguments, said', [
    (['--host', '0.0.0.0'], 'give a token with --token-file'),
    (['--host', 'no such host'], 'token'),
    (['--token-file', 'none'], 'cannot read the token file none'),
    (['--db', 'nonsense'], '--db is no URL'),
    (['--db', 'sqlite://'], 'a store in memory'),
    (['--db', 'sqlite:////nowhere/results.db'], 'cannot open the store'),
    (['--db', 'postgresql://me:secret@127.0.0.1:1/x'], 'cannot open the store'),
    (['--model', 'none.onnx'], 'there is no emotion model'),
    (['--keep-pictures', '/proc/none'], 'cannot use the folder')])
def test_a_start_that_cannot_be_is_one_line(capsys, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert main(['serve', '--port', '0', *arguments]) == 2
    complaint = capsys.readouterr().err
    assert said in complaint and complaint.count('\n') == 1
    assert 'secret' not in complaint


def test_a_port_that_is_taken_is_told(capsys):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        assert main(['serve', '--port', str(taken.getsockname()[1])]) == 2
    assert 'give another --port' in capsys.readouterr().err
    with pytest.raises(SystemExit) as refused:
        main(['serve', '--port', '70000'])
    assert refused.value.code == 2


def test_without_its_packages_it_says_what_to_install(tmp_path):
    (tmp_path / 'sitecustomize.py').write_text(
        'import importlib.util as util\nfind = util.find_spec\n'
        'util.find_spec = lambda name, *rest: None if name == "fastapi" else find(name, *rest)\n')
    run = subprocess.run(
        [sys.executable, '-m', 'emorec_cli.main', 'serve'], capture_output=True, text=True,
        cwd=GUIDE.parents[1],
        env={**os.environ, 'PYTHONPATH': f'{tmp_path}{os.pathsep}{GUIDE.parents[1]}'})
    assert run.returncode == 2
    assert 'make service' in run.stderr and run.stderr.count('\n') == 1
