# SPDX-License-Identifier: Apache-2.0
"""Every frame of a video file is delivered once, right side up, with its time."""

from pathlib import Path
import re
import struct

import cv2
from emorec_vision.errors import InputError
from emorec_vision.sources import open_source
from emorec_vision.sources.video import VideoSource
import numpy as np
import pytest

RATE = 25.0
COUNT = 50
FORMATS = [('mp4', 'mp4v'), ('mkv', 'mp4v'), ('avi', 'MJPG'), ('mkv', 'MJPG'), ('avi', 'XVID')]


def image(index: int) -> np.ndarray:
    """Return a frame, RGB: red at the left, its number modulo 25 as a gray level at the right."""
    rgb = np.zeros((240, 320, 3), np.uint8)
    rgb[:, :80, 0] = 200
    rgb[:, 160:] = 8 * (index % 25) + 40
    return rgb


def number(rgb: np.ndarray) -> int:
    """Return the index, modulo 25, of a frame made by `image` and gone through a lossy codec."""
    return round((float(rgb[20:220, 180:300].mean()) - 40) / 8)


def write_video(path: Path, codec: str, count: int = COUNT, rate: float = RATE) -> Path:
    """Write a video of `count` frames with OpenCV."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), rate, (320, 240))
    if not writer.isOpened():
        pytest.skip(f'this OpenCV cannot write {codec} into {path.suffix}')
    for index in range(count):
        writer.write(cv2.cvtColor(image(index), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def read_all(source: VideoSource) -> list:
    """Return all frames of a source."""
    with source:
        return list(iter(source.read, None))


@pytest.fixture(params=FORMATS, ids=lambda each: f'{each[1]}.{each[0]}')
def video(request, tmp_path: Path) -> Path:
    """Return a sound video file of each format."""
    suffix, codec = request.param
    return write_video(tmp_path / f'clip.{suffix}', codec)


def test_every_frame_comes_once_and_in_order_with_its_file_time(video):
    source = open_source(f'video:{video}')
    assert (source.kind, source.live, source.stills) == ('video', False, False)
    assert source.frame_rate == pytest.approx(RATE)
    frames = read_all(source)
    assert [number(frame.rgb) for frame in frames] == [i % 25 for i in range(COUNT)]
    stamps = [frame.stamp / 1e9 for frame in frames]
    assert stamps == pytest.approx(np.arange(COUNT) / RATE, abs=2e-3)
    assert (source.skipped, source.take_warnings()) == (0, [])


def test_colours_are_rgb(video):
    frame = VideoSource(video).read()
    red = frame.rgb[20:220, 10:70].reshape(-1, 3).mean(axis=0)
    assert red[0] > 170 and red[2] < 60
    assert frame.rgb.shape == (240, 320, 3)
    assert frame.rgb.dtype == np.uint8


def test_after_the_end_there_is_nothing_more(tmp_path):
    source = VideoSource(write_video(tmp_path / 'clip.avi', 'MJPG', 3))
    assert len(list(iter(source.read, None))) == 3
    assert source.read() is None
    source.close()
    source.close()


def test_a_truncated_file_gives_what_it_has_and_says_so(tmp_path, capfd):
    path = write_video(tmp_path / 'clip.mkv', 'MJPG')
    content = path.read_bytes()
    path.write_bytes(content[:len(content) // 2])
    source = VideoSource(path)
    frames = read_all(source)
    assert [number(frame.rgb) for frame in frames][:20] == list(range(20))
    assert len(frames) < COUNT
    warning, = source.take_warnings()
    assert 'cut short' in warning and str(path) in warning
    assert source.take_warnings() == []
    assert capfd.readouterr() == ('', '')


def test_a_broken_frame_in_the_middle_is_left_out_and_counted(tmp_path):
    path = write_video(tmp_path / 'clip.avi', 'MJPG')
    content = bytearray(path.read_bytes())
    starts = [i for i in range(len(content)) if content[i:i + 3] == b'\xff\xd8\xff']
    assert len(starts) == COUNT
    content[starts[20]:starts[20] + 500] = bytes(500)
    path.write_bytes(content)
    source = VideoSource(path)
    frames = read_all(source)
    assert [number(frame.rgb) for frame in frames] == [i % 25 for i in range(COUNT) if i != 20]
    assert frames[20].stamp / 1e9 == pytest.approx(21 / RATE, abs=2e-3)
    assert source.skipped == 1
    assert 'broken frame' in source.take_warnings()[0]


@pytest.mark.parametrize('suffix, codec', FORMATS)
def test_one_image_a_second_is_not_cut_short(tmp_path, suffix, codec):
    """The last image lasts a second, too."""
    source = VideoSource(write_video(tmp_path / f'clip.{suffix}', codec, 4, 1.0))
    stamps = [frame.stamp / 1e9 for frame in read_all(source)]
    assert stamps == pytest.approx([0, 1, 2, 3], abs=2e-3)
    assert source.take_warnings() == []


def milliseconds_clip(path: Path, times: list[int]) -> Path:
    """Write a Matroska file that says 1000 Hz, with images at other times, ms."""
    content = bytearray(write_video(path, 'MJPG', len(times), 1000.0).read_bytes())
    images = [match.start() for match in re.finditer(rb'\x81..\x80\xff\xd8\xff', content, re.S)]
    for place, time in zip(images, times, strict=True):
        struct.pack_into('>H', content, place + 1, time)
    for cluster in re.finditer(rb'\x1f\x43\xb6\x75.{1,8}?\xe7\x81', content, re.S):
        content[cluster.end()] = 0
    struct.pack_into('>d', content, content.index(b'\x44\x89\x88') + 3, float(times[-1] + 33))
    path.write_bytes(content)
    return path


def test_a_rate_of_1000_hz_is_that_of_the_clock(tmp_path):
    """Browsers and screen recorders write so; what is cut off is still told."""
    times = [33 * index + 50 * (index // 10) for index in range(60)]
    path = milliseconds_clip(tmp_path / 'clip.mkv', times)
    source = VideoSource(path)
    assert [round(frame.stamp / 1e6) for frame in read_all(source)] == times
    assert source.take_warnings() == []
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    source = VideoSource(path)
    assert len(read_all(source)) < 60
    warning, = source.take_warnings()
    assert 'cut short' in warning and warning.endswith('of 2.23 s')


def test_a_time_in_the_name_is_no_protocol(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / 'clip.mp4', 'mp4v', 3).rename('2024-05-01T12:30:05.mp4')
    assert len(read_all(open_source('video:2024-05-01T12:30:05.mp4'))) == 3
    assert len(read_all(open_source('2024-05-01T12:30:05.mp4'))) == 3


def test_stamps_go_on_where_the_file_has_no_times(tmp_path, monkeypatch):
    path = write_video(tmp_path / 'clip.avi', 'MJPG', 4)
    monkeypatch.setattr(cv2, 'CAP_PROP_POS_MSEC', -1)
    stamps = [frame.stamp / 1e9 for frame in read_all(VideoSource(path))]
    assert stamps == pytest.approx(np.arange(4) / RATE)


@pytest.mark.parametrize('quarter_turns, matrix', [
    (1, (0, 1, 0, -1, 0, 0)), (2, (-1, 0, 0, 0, -1, 0)), (3, (0, -1, 0, 1, 0, 0))])
def test_a_rotation_in_the_metadata_is_applied(tmp_path, quarter_turns, matrix):
    path = write_video(tmp_path / 'clip.mp4', 'mp4v', 3)
    content = bytearray(path.read_bytes())
    place = content.index(b'tkhd') + 4 + 40
    values = [value << 16 for value in matrix[:2]] + [matrix[2]]
    values += [value << 16 for value in matrix[3:5]] + [matrix[5], 0, 0, 1 << 30]
    content[place:place + 36] = struct.pack('>9i', *values)
    path.write_bytes(content)
    expected = np.rot90(image(0), -quarter_turns)
    given = VideoSource(path).read().rgb
    assert given.shape == expected.shape
    assert np.abs(given.astype(int) - expected).mean() < 8


def with_pixel_shape(path: Path, wide: int, high: int) -> None:
    """Put a box pasp, the shape of a pixel, into the sample description of an mp4 file."""
    content = bytearray(path.read_bytes())
    box = struct.pack('>I4sII', 16, b'pasp', wide, high)
    parents = [content.index(name) for name in (
        b'moov', b'trak', b'mdia', b'minf', b'stbl', b'stsd', b'mp4v\0\0\0\0')]
    assert content.index(b'mdat') < parents[0], 'nothing that is found by its offset moves'
    for place in parents:
        size, = struct.unpack_from('>I', content, place - 4)
        struct.pack_into('>I', content, place - 4, size + len(box))
    content[place - 4 + size:place - 4 + size] = box
    path.write_bytes(content)


@pytest.mark.parametrize('wide, high, shape', [
    (2, 1, (240, 640)), (1, 2, (480, 320)), (12, 11, (240, 349)), (1, 1, (240, 320)),
    (50, 1, (240, 320))])
def test_pixels_that_are_not_square_are_brought_into_proportion(tmp_path, wide, high, shape):
    path = write_video(tmp_path / 'clip.mp4', 'mp4v', 3)
    with_pixel_shape(path, wide, high)
    frames = read_all(VideoSource(path))
    assert [frame.rgb.shape[:2] for frame in frames] == [shape] * 3
    across = frames[0].rgb[shape[0] // 2, :, 0] > 100
    assert across.sum() == pytest.approx(shape[1] / 4, abs=6), 'a quarter of the width is red'


def test_a_turned_video_is_stretched_along_its_own_sides(tmp_path):
    path = write_video(tmp_path / 'clip.mp4', 'mp4v', 3)
    with_pixel_shape(path, 2, 1)
    content = bytearray(path.read_bytes())
    place = content.index(b'tkhd') + 4 + 40
    content[place:place + 36] = struct.pack(
        '>9i', 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    assert VideoSource(path).read().rgb.shape == (640, 240, 3)


@pytest.mark.parametrize('content', [b'', b'this is a text file\n' * 50])
def test_a_file_that_is_no_video_is_refused_quietly(tmp_path, content, capfd):
    path = tmp_path / 'clip.mp4'
    path.write_bytes(content)
    with pytest.raises(InputError, match='is no video') as refusal:
        VideoSource(path)
    assert str(path) in str(refusal.value) and '\n' not in str(refusal.value)
    assert capfd.readouterr() == ('', '')


def test_a_video_whose_index_is_cut_off_is_refused(tmp_path):
    path = write_video(tmp_path / 'clip.mp4', 'mp4v')
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match='damaged'):
        VideoSource(path)


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(InputError, match='cannot read .*: it is a folder$'):
        VideoSource(tmp_path)
