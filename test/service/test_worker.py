# SPDX-License-Identifier: Apache-2.0
"""No picture takes more than its worker may have, and none takes the next one along."""

import os
import signal

import numpy as np
import pytest
from service.picture_files import bombs
from service.picture_files import encode
from service.picture_files import many_scans
from service.processes import children
from service.processes import memory_of
from service.processes import Served
from service.requests import send

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
httpx2 = pytest.importorskip('httpx2', reason='requirements/test.txt is needed')
from emorec_service.refused import Refused  # noqa: E402, I100
from emorec_service.work_limits import WorkLimits  # noqa: E402
from emorec_service.worker import Worker  # noqa: E402

ENOUGH = 100 * 2**20


def test_bombs_take_no_memory_and_large_pictures_pile_none_up(tmp_path, portrait):
    with Served(tmp_path) as served:
        def post(data: bytes) -> tuple[int, str]:
            reply = httpx2.post(f'{served.url}/pictures', headers=served.headers,
                                files={'image': ('a', data)}, timeout=60)
            return reply.status_code, reply.json().get('detail', '')
        for _ in range(4):
            assert post(portrait)[0] == 201
        before = served.memory('VmHWM')
        for name, data in bombs().items():
            status, line = post(data)
            assert len(data) < 1000 and status == 413, (name, line)
            assert 'megapixels' in line and '\n' not in line
        assert served.memory('VmHWM') - before < ENOUGH
        large = encode('.bmp', np.zeros((3000, 3000, 3), np.uint8))
        held = []
        for _ in range(3):
            assert [post(large)[0] for _ in range(4)] == [201] * 4
            held.append(served.memory('VmRSS'))
        assert held[2] - held[0] < ENOUGH / 2


def test_what_takes_too_much_memory_is_refused_and_the_worker_replaced(serve, portrait):
    client = serve(work=WorkLimits(memory=150 * 2**20))
    large = encode('.png', np.zeros((5000, 5000, 4), np.uint8))
    assert send(client, portrait).status_code == 201
    refused = send(client, large)
    assert refused.status_code == 413 and '150 MiB' in refused.json()['detail']
    assert send(client, portrait).status_code == 201
    assert client.get('/health').json()['workers_replaced'] == 1


def test_the_largest_picture_takes_half_of_what_it_may_have_and_gives_it_back(tmp_path, portrait):
    before = children(os.getpid())
    worker = Worker('', WorkLimits(memory=512 * 2**20))
    try:
        worker.look(portrait)
        process, = set(children(os.getpid())) - set(before)
        held = memory_of(process, 'VmRSS')
        picture = worker.look(encode('.png', np.full((5000, 5000, 4), 9, np.uint8)))
        assert (picture.width, picture.height) == (5000, 5000)
        assert memory_of(process, 'VmRSS') - held < ENOUGH
    finally:
        worker.close()


def test_what_takes_too_long_is_refused_and_the_worker_replaced(serve, portrait):
    client = serve(work=WorkLimits(cpu_seconds=1))
    refused = send(client, many_scans(3000, 20_000))
    assert refused.status_code == 413 and '1 s of a processor' in refused.json()['detail']
    assert send(client, portrait).status_code == 201
    assert client.get('/health').json()['workers_replaced'] == 1


def test_waiting_counts_too(portrait):
    worker = Worker('', WorkLimits(seconds=1, cpu_seconds=600))
    try:
        with pytest.raises(Refused) as refused:
            worker.look(many_scans(3000, 20_000))
        assert refused.value.status_code == 413
        assert len(worker.look(portrait).faces) == 1
    finally:
        worker.close()


def test_a_worker_that_was_killed_is_replaced_before_the_next_picture(portrait):
    before = children(os.getpid())
    worker = Worker('', WorkLimits())
    try:
        expected = worker.look(portrait).faces
        process, = set(children(os.getpid())) - set(before)
        os.kill(process, signal.SIGKILL)
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        assert worker.look(portrait).faces == expected
        assert worker.replaced == 1
    finally:
        worker.close()
    assert set(children(os.getpid())) == set(before)


def test_the_worker_has_the_limit_of_pixels_of_its_decoder(portrait):
    """Where a header tells another size than the decoder sees, the decoder is believed."""
    worker = Worker('', WorkLimits(max_pixels=240 * 239))
    try:
        with pytest.raises(Refused) as refused:
            worker.look(bombs()['GIF'])
        assert (refused.value.status_code, worker.replaced) == (413, 0)
    finally:
        worker.close()
