# SPDX-License-Identifier: Apache-2.0
"""The size of a picture is known before it is decoded, and is what the decoder sees."""

import os
import subprocess
import sys

import cv2
from emorec_vision.still_image.decoding import decode_image
from emorec_vision.still_image.header import MAX_PIXELS
from emorec_vision.still_image.header import read_header
import numpy as np
import pytest
from service.picture_files import bitmap
from service.picture_files import encode
from service.picture_files import refusal
from service.picture_files import SUFFIXES
from service.picture_files import with_stuffing
from service.picture_files import with_tags_twice

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.pictures.decode import open_picture  # noqa: E402, I100


@pytest.mark.parametrize('suffix', SUFFIXES)
def test_every_format_tells_its_size_before_it_is_decoded(suffix, astronaut):
    data = encode(suffix, astronaut[:300, :200])
    header = read_header(data)
    assert (header.width, header.height) == (200, 300)
    pixels = open_picture(data, MAX_PIXELS).pixels
    assert pixels.shape == (300, 200, 3)
    assert np.abs(pixels.astype(int) - astronaut[:300, :200]).mean() < 6


def test_a_bomb_is_never_decoded(monkeypatch, astronaut):
    monkeypatch.setattr(cv2, 'imdecode', lambda *arguments: pytest.fail('it was decoded'))
    for suffix in SUFFIXES:
        assert refusal(encode(suffix, astronaut), max_pixels=512 * 511)[0] == 413


@pytest.mark.parametrize('disguise', [
    lambda pixels: with_tags_twice(encode('.tiff', pixels)),
    lambda pixels: with_stuffing(encode('.jpg', pixels)),
    lambda pixels: with_stuffing(with_stuffing(encode('.jpg', pixels))),
    lambda pixels: bitmap(b'P4\n#\r300 200\n1 1\n', 300, 200),
    lambda pixels: bitmap(b'P4 300#200\n1 1\n', 300, 200),
    lambda pixels: bitmap(b'P4 %s 200\n' % (b'0' * 10 + b'300'), 300, 200)],
    ids=['tags twice', 'FF00', 'FF00 twice', 'comment ends with CR', 'no comment', 'zeros'])
def test_a_bomb_in_disguise_tells_what_the_decoder_sees(disguise, astronaut):
    data = disguise(astronaut[:200, :300])
    header = read_header(data)
    assert decode_image(data).shape == (200, 300, 3)
    assert (header.width, header.height) == (300, 200)
    assert refusal(data, max_pixels=300 * 200 - 1)[0] == 413


def test_the_decoder_is_asked_too(tmp_path, project_root):
    """It refuses a size that the header hid, before it decodes."""
    for height in (5000, 5001):
        (tmp_path / f'{height}.pbm').write_bytes(bitmap(b'P4 5000 %d\n' % height, 5000, height))
    script = """
from emorec_service.pictures import decode
from emorec_service.refused import Refused
from emorec_vision.still_image import decoding as image_decoding
from emorec_vision.still_image.header import ImageHeader
import sys
decode.read_header = image_decoding.read_header = lambda data: ImageHeader('image/x', 5, 5)
for name in sys.argv[1:]:
    try:
        decode.open_picture(open(name, 'rb').read(), 25_000_000)
    except Refused as refused:
        print(refused.status_code, refused.detail)
"""
    run = subprocess.run(
        [sys.executable, '-c', script, '5000.pbm', '5001.pbm'], cwd=tmp_path, check=True,
        stdout=subprocess.PIPE, text=True,
        env={**os.environ, 'PYTHONPATH': str(project_root),
             'OPENCV_IO_MAX_IMAGE_PIXELS': '25000000'})
    assert run.stdout.splitlines() == [
        '422 image is a damaged picture (image/x): send it again',
        '413 image has more than the 25 megapixels that are read; shrink it']
