# SPDX-License-Identifier: Apache-2.0
"""`emorec watch VIDEO... --dask`: the workers of a cluster read the parts, also when one dies."""

from collections.abc import Iterator
import os
from pathlib import Path
import signal
import subprocess
from typing import Any

from cli.test_watch_files import rows_of
from cli.test_watch_files import write_clip
from emorec_cli.main import main
from emorec_vision.errors import InputError
from emorec_vision.video_parts.part import Part
from emorec_vision.video_parts.part import Recipe
from live_harness import EMOREC
import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest

distributed = pytest.importorskip('distributed', reason='distributed is not installed')
from emorec_vision.video_parts.cluster import Expected  # noqa: E402, I100
from emorec_vision.video_parts.cluster import read_checked  # noqa: E402


@pytest.fixture(scope='module')
def cluster() -> Iterator[Any]:
    """Run a scheduler and two workers of one thread each on this machine."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None,
                                  silence_logs='CRITICAL') as cluster:
        yield cluster


def test_the_table_is_the_same_although_a_worker_is_killed(
        cluster: Any, tmp_path: Path, astronaut: np.ndarray) -> None:
    """Each part is in it once."""
    folder = tmp_path / 'talks'
    folder.mkdir()
    for number in range(4):
        write_clip(folder / f'{number}.avi', astronaut, 120)
    here, there = tmp_path / 'here.csv', tmp_path / 'there.csv'
    assert main(['watch', str(folder), '--jobs', '1', '--csv', str(here)]) == 0
    before = [nanny.pid for nanny in cluster.workers.values()]
    run = subprocess.Popen([str(EMOREC), 'watch', 'talks', '--dask', cluster.scheduler_address,
                            '--csv', str(there)], cwd=tmp_path, stderr=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)
    kept = Path(f'{there}.parts')
    wait_until(lambda: list(kept.glob('[0-9a-f]*.json')))
    os.kill(before[0], signal.SIGKILL)
    told, said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, said
    assert said == f'emorec: {len(rows_of(here))} rows in {there}\n'
    assert told.count('120 images, 1 face') == 4
    assert there.read_text() == here.read_text().replace(f'{folder}/', 'talks/')
    assert not kept.exists()


@pytest.mark.parametrize('address', ['tcp://127.0.0.1:9', 'here', 'http://x'])
def test_what_is_no_scheduler_is_told_in_one_line(address: str, tmp_path: Path,
                                                  astronaut: np.ndarray) -> None:
    """With what to give."""
    clip = write_clip(tmp_path / 'a.avi', astronaut, 5)
    run = subprocess.run([str(EMOREC), 'watch', str(clip), '--dask', address],
                         capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 2
    assert run.stderr == (f'emorec: no Dask scheduler answers at {address}: give its address, '
                          'such as tcp://host:8786\n')


def test_a_worker_that_sees_other_files_or_another_model_says_so(
        tmp_path: Path, astronaut: np.ndarray) -> None:
    """A path that means something else there must not become part of the table."""
    clip = write_clip(tmp_path / 'a.avi', astronaut, 5)
    size = clip.stat().st_size
    for path, expected, reason in (
            (tmp_path / 'no.avi', Expected(9, ''), 'no.avi is missing on '),
            (clip, Expected(size + 1, ''), 'a.avi is another file on '),
            (clip, Expected(size, 'other'), 'has another model emotion.onnx')):
        told = read_checked(Part(str(path)), Recipe(''), expected)
        assert isinstance(told, InputError) and reason in str(told)


@pytest.mark.parametrize('arguments, reason', [
    (['.', '--jobs', '2', '--dask', 'tcp://127.0.0.1:9'], '--jobs or --dask'),
    (['--dask', 'tcp://127.0.0.1:9'], '--dask is for VIDEO')])
def test_options_that_do_not_go_together_are_refused(
        arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A cluster has its own number of workers, and reads files only."""
    assert main(['watch', *arguments]) == 2
    assert reason in capsys.readouterr().err
