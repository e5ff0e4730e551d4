# SPDX-License-Identifier: Apache-2.0
"""Starts of `emorec serve` that are refused, each in one line."""

from importlib.util import find_spec
import socket
import sys

from emorec_cli.main import main
import pytest

needs_packages = pytest.mark.skipif(
    find_spec('fastapi') is None, reason='the packages of requirements/serve.txt are needed')


@pytest.mark.parametrize('missing', ['emorec_service', 'fastapi', 'sqlalchemy'])
def test_without_its_packages_it_says_what_to_install(capsys, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(['serve']) == 2
    complaint = capsys.readouterr().err
    assert missing in complaint and 'make service' in complaint
    assert complaint.count('\n') == 1


@needs_packages
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


@needs_packages
def test_a_port_that_is_taken_is_told(capsys):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        assert main(['serve', '--port', str(taken.getsockname()[1])]) == 2
    assert 'give another --port' in capsys.readouterr().err
    with pytest.raises(SystemExit) as refused:
        main(['serve', '--port', '70000'])
    assert refused.value.code == 2
