# SPDX-License-Identifier: Apache-2.0
"""Images are read as a viewer shows them, in the order a reader expects."""

import os
from pathlib import Path
import struct

import cv2
from emorec_vision.errors import InputError
from emorec_vision.sources import open_source
from emorec_vision.sources.images import read_image
import numpy as np
import pytest


@pytest.fixture
def rgb() -> np.ndarray:
    """Return a small image, uint8 (40, 60, 3), that looks different from every side."""
    image = np.zeros((40, 60, 3), np.uint8)
    image[:20, :, 0] = 220
    image[:, 30:, 2] = np.linspace(40, 240, 40).astype(np.uint8)[:, None]
    return image


def write(path: Path, pixels: np.ndarray) -> Path:
    """Write an image given as gray or RGB(A)."""
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    data = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, order[pixels.shape[2]])
    assert cv2.imwrite(str(path), data)
    return path


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Return a JPEG file with an EXIF orientation put in."""
    tiff = b'MM\x00\x2a' + struct.pack('>I', 8) + struct.pack('>H', 1)
    tiff += struct.pack('>HHIHH', 0x0112, 3, 1, orientation, 0) + bytes(4)
    body = b'Exif\x00\x00' + tiff
    return jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize('suffix', ['png', 'bmp', 'ppm', 'tif', 'webp', 'jpg'])
def test_colours_are_rgb(tmp_path, rgb, suffix):
    given = read_image(write(tmp_path / f'a.{suffix}', rgb))
    assert given.dtype == np.uint8 and given.shape == rgb.shape
    assert np.abs(given.astype(int) - rgb).mean() < (0.01 if suffix not in 'webp jpg' else 8)


@pytest.mark.parametrize('suffix', ['png', 'jpg', 'pgm'])
def test_gray_becomes_three_equal_channels(tmp_path, suffix):
    gray = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))
    given = read_image(write(tmp_path / f'a.{suffix}', gray))
    assert np.abs(given.astype(int) - gray[..., None]).max() <= 2


@pytest.mark.parametrize('suffix', ['png', 'tif'])
@pytest.mark.parametrize('channels', [1, 3])
def test_sixteen_bit_are_scaled_to_eight(tmp_path, rgb, suffix, channels):
    image = rgb if channels == 3 else rgb[..., 0]
    given = read_image(write(tmp_path / f'a.{suffix}', image.astype(np.uint16) * 257))
    assert np.abs(given.astype(int) - image.reshape(40, 60, channels)).max() <= 1


@pytest.mark.parametrize('dtype, full', [(np.uint8, 255), (np.uint16, 65535)])
def test_what_is_transparent_is_laid_over_white(tmp_path, dtype, full):
    rgba = np.zeros((4, 3, 4), dtype)
    rgba[..., 0] = full
    rgba[:, 1, 3] = full
    rgba[:, 2, 3] = full // 2
    given = read_image(write(tmp_path / 'a.png', rgba))
    assert given[0, 0].tolist() == [255, 255, 255]
    assert given[0, 1].tolist() == [255, 0, 0]
    assert abs(int(given[0, 2, 1]) - 128) <= 1


@pytest.mark.parametrize('orientation, turned', [
    (1, lambda p: p), (3, lambda p: np.rot90(p, 2)), (2, lambda p: p[:, ::-1]),
    (6, lambda p: np.rot90(p, 1)), (8, lambda p: np.rot90(p, -1))])
def test_the_orientation_of_a_photo_is_applied(tmp_path, rgb, orientation, turned):
    stored = np.ascontiguousarray(turned(rgb))
    path = write(tmp_path / 'a.jpg', stored)
    path.write_bytes(with_orientation(path.read_bytes(), orientation))
    given = read_image(path)
    assert given.shape == rgb.shape
    assert np.abs(given.astype(int) - rgb).mean() < 8


def test_a_name_with_spaces_and_accents_is_read(tmp_path, rgb):
    assert read_image(write(tmp_path / 'José é 1.png', rgb)).shape == rgb.shape


@pytest.mark.parametrize('content', [b'', b'text', b'\x89PNG\r\n\x1a\n', b'\xff\xd8\xff\xe0'])
def test_what_is_no_image_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / 'a.png'
    path.write_bytes(content)
    with pytest.raises(InputError, match='is no image') as refusal:
        read_image(path)
    assert str(path) in str(refusal.value) and '\n' not in str(refusal.value)


@pytest.mark.parametrize('name', ['none.png', '.'])
def test_a_missing_image_and_a_folder_are_refused(tmp_path, name):
    with pytest.raises(InputError, match='cannot read the image'):
        read_image(tmp_path / name)


def test_a_folder_is_read_in_natural_order_one_second_apart(tmp_path, rgb):
    for name in ('img10.png', 'img2.png', 'IMG1.png', 'b.jpg', 'img2b.png'):
        write(tmp_path / name, rgb)
    (tmp_path / 'notes.txt').write_text('not an image')
    (tmp_path / '.hidden.png').write_bytes(b'')
    (tmp_path / 'folder.png').mkdir()
    source = open_source(f'images:{tmp_path}')
    frames = list(iter(source.read, None))
    names = ['b.jpg', 'IMG1.png', 'img2.png', 'img2b.png', 'img10.png']
    assert [frame.name for frame in frames] == names
    assert [frame.stamp for frame in frames] == [number * 1_000_000_000 for number in range(5)]
    assert (source.kind, source.live, source.stills, source.skipped) == ('images', False, True, 0)
    assert source.read() is None


def test_an_unreadable_image_is_named_counted_and_left_out(tmp_path, rgb):
    write(tmp_path / '1.png', rgb)
    (tmp_path / '2.png').write_bytes(b'broken')
    write(tmp_path / '3.png', rgb)
    source = open_source(f'images:{tmp_path}')
    assert [frame.name for frame in iter(source.read, None)] == ['1.png', '3.png']
    assert source.skipped == 1
    warning, = source.take_warnings()
    assert str(tmp_path / '2.png') in warning


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / 'notes.txt').write_text('hello')
    with pytest.raises(InputError, match='holds no image'):
        open_source(f'images:{tmp_path}')


def test_a_folder_of_broken_images_is_refused(tmp_path):
    (tmp_path / '1.png').write_bytes(b'broken')
    with pytest.raises(InputError, match='none of the 1 image') as refusal:
        open_source(f'images:{tmp_path}')
    assert '1.png' in str(refusal.value)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe.png')
    with pytest.raises(InputError, match='it is no regular file'):
        read_image(tmp_path / 'pipe.png')
