# SPDX-License-Identifier: Apache-2.0
"""The commands of the README's section on training, run in their order on 200 drawn images."""
from pathlib import Path
import re
import shlex
import shutil

from emorec_cli.main import main
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
README = (Path(__file__).resolve().parents[2] / 'README.md').read_text()
COMMANDS = re.findall(r'^\.venv/bin/emorec (emotions .*)$', README, re.MULTILINE)
QUICK = {
    'train': ['--epochs', '1', '--batch-size', '32', '--network', 'original'],
    'optimize': ['--n-trials', '2', '--epochs', '1', '--rows', '70', '--network', 'original'],
    'distill': ['--epochs', '2', '--batch-size', '16', '--lr', '0.02'],
    'networks': ['--no-timing'],
    'benchmark': ['--runs', '2'],
}
"""What makes a command quick; every other flag is that of the README."""

EVERY = {'dataset', 'networks', 'train', 'optimize', 'evaluate', 'ensemble', 'distill', 'soup',
         'export', 'benchmark'}


@pytest.fixture(scope='module')
def folder(tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with nothing but the csv."""
    folder = tmp_path_factory.mktemp('newcomer')
    shutil.copy(tiny_csv, folder / 'fer2013.csv')
    return folder


def test_the_readme_shows_every_command() -> None:
    """Nobody has to guess that a command exists."""
    assert {command.split()[1] for command in COMMANDS} == EVERY


@pytest.mark.parametrize('command', COMMANDS)
def test_a_command_works_as_written(
        command: str, folder: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with status 0 and says something."""
    words = shlex.split(command, comments=True)
    monkeypatch.chdir(folder)
    quick = QUICK['distill' if '--start-from' in words else words[1]] if words[1] in QUICK else []
    assert main([*words, *quick]) == 0
    assert capsys.readouterr().out.strip()
