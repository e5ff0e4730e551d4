# SPDX-License-Identifier: Apache-2.0
"""Recordings keep time and are never half-written."""

from collections.abc import Iterator
from pathlib import Path
import resource

import cv2
from emorec_ros.viewer.video_file import VideoFile
from emorec_vision.errors import InputError
import numpy as np
import pytest


def image(gray: int) -> np.ndarray:
    """Return a plain image."""
    return np.full((48, 64, 3), gray, np.uint8)


def read(path: Path) -> tuple[float, list[float]]:
    """Return the frame rate and the mean gray of every frame."""
    capture = cv2.VideoCapture(str(path))
    grays = []
    while True:
        there, frame = capture.read()
        if not there:
            return capture.get(cv2.CAP_PROP_FPS), grays
        grays.append(float(frame.mean()))


def test_a_recording_has_the_rate_of_its_stamps(tmp_path: Path) -> None:
    """25 images a second in, 25 frames a second out, none lost."""
    video = VideoFile(tmp_path / 'out.mp4')
    for number in range(20):
        video.add(100 + number / 25, image(10 * number))
    assert video.close()
    rate, grays = read(tmp_path / 'out.mp4')
    assert rate == pytest.approx(25, abs=0.1)
    assert np.allclose(grays, [10 * number for number in range(20)], atol=4)


def test_stamps_in_whole_milliseconds_do_not_bend_the_rate(tmp_path: Path) -> None:
    """Video containers round times to 0.033 and 0.067; 73 images stay 73 frames."""
    video = VideoFile(tmp_path / 'out.mp4')
    for number in range(73):
        video.add(round(number / 30, 3), image(100))
    video.close()
    assert len(read(tmp_path / 'out.mp4')[1]) == 73


def test_a_repeated_image_counts_once(tmp_path: Path) -> None:
    """A file source repeats its first frame until everybody is connected."""
    video = VideoFile(tmp_path / 'out.mp4')
    for number in [0, 0, 0, 0, 1, 0, 1, *range(2, 20)]:
        video.add(number / 25, image(100))
    video.close()
    rate, grays = read(tmp_path / 'out.mp4')
    assert (rate, len(grays)) == (pytest.approx(25, abs=0.1), 20)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Let no file become larger than 64 KiB, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures('small_disk')
def test_what_could_not_be_written_whole_leaves_the_old_file(tmp_path: Path) -> None:
    """A full disk is said, and costs neither the older recording nor leaves a broken one."""
    (tmp_path / 'out.mp4').write_text('older')
    video = VideoFile(tmp_path / 'out.mp4')
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    for number in range(15):
        video.add(number / 30, noise)
    with pytest.raises(InputError, match='could not be written'):
        video.close()
    assert [path.name for path in tmp_path.iterdir()] == ['out.mp4']
    assert (tmp_path / 'out.mp4').read_text() == 'older'


def test_a_missing_image_shows_the_one_before_for_longer(tmp_path: Path) -> None:
    """The recording keeps the time of the stamps."""
    video = VideoFile(tmp_path / 'out.mp4')
    for number in [*range(12), 15, 16]:
        video.add(number / 30, image(10 * number))
    video.close()
    grays = read(tmp_path / 'out.mp4')[1]
    assert len(grays) == 17
    assert np.allclose(grays[11:16], [110, 110, 110, 110, 150], atol=4)


def test_a_jump_of_time_does_not_fill_the_disk(tmp_path: Path) -> None:
    """After a jump of an hour, or back, the recording simply goes on."""
    video = VideoFile(tmp_path / 'out.mp4')
    for stamp in [*np.arange(12) / 30, 3600.0, 3600.0 + 1 / 30, 5.0]:
        video.add(float(stamp), image(100))
    video.close()
    assert len(read(tmp_path / 'out.mp4')[1]) == 15


def test_nothing_stands_at_the_place_before_the_end(tmp_path: Path) -> None:
    """A run that is killed leaves no file that looks whole."""
    video = VideoFile(tmp_path / 'out.mp4')
    for number in range(15):
        video.add(number / 30, image(100))
    assert not (tmp_path / 'out.mp4').exists()
    video.close()
    assert [path.name for path in tmp_path.iterdir()] == ['out.mp4']


def test_nothing_to_write_is_no_file(tmp_path: Path) -> None:
    """A run without an image leaves nothing."""
    assert not VideoFile(tmp_path / 'out.mp4').close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('name, complaint', [
    ('out.txt', 'is an .mp4 file'), ('nowhere/out.mp4', 'does not exist'),
    ('folder.mp4', 'is an .mp4 file')])
def test_a_bad_name_is_refused_at_once(name: str, complaint: str, tmp_path: Path) -> None:
    """Not after an hour of recording."""
    (tmp_path / 'folder.mp4').mkdir()
    with pytest.raises(InputError, match=complaint):
        VideoFile(tmp_path / name)
