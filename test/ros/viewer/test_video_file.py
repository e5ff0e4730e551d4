# SPDX-License-Identifier: Apache-2.0
"""Recordings keep time and are never half-written."""

from collections.abc import Iterator
import errno
import os
from pathlib import Path
import resource
import subprocess
import sys

import cv2
from emorec_ros.viewer.video_file import VideoFile
from emorec_vision.errors import InputError
from emorec_vision.video_writing.encoder import VideoEncoder
import numpy as np
import pytest


def delay() -> int:
    """Return how many images the encoder of this OpenCV keeps to itself."""
    encoder = VideoEncoder((64, 48))
    given = sum(len(encoder.encode(np.zeros((48, 64, 3), np.uint8))) for _ in range(99))
    encoder.finish()
    return 99 - given


DELAY = delay()


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
    """A full disk is said at once; the older recording stays, and what there is plays."""
    (tmp_path / 'out.mp4').write_text('older')
    video = VideoFile(tmp_path / 'out.mp4')
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    with pytest.raises(InputError, match=r'out.mp4: File too large; \d+ images are in .*part1'):
        for number in range(150):
            video.add(number / 30, noise)
    whole = video.images
    assert not video.close()
    assert (tmp_path / 'out.mp4').read_text() == 'older'
    assert len(read(tmp_path / 'out.part1.mp4')[1]) == whole > 1


def test_a_full_disk_at_the_first_image_leaves_nothing(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = VideoFile(tmp_path / 'out.mp4')

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(os, 'write', full)
    with pytest.raises(InputError, match='cannot write .*out.mp4: No space left on device$'):
        for number in range(100):
            video.add(number / 30, image(9))
        video.close()
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_end_leaves_all_images(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of all images comes last, and is only for comfort."""
    video = VideoFile(tmp_path / 'out.mp4')
    for number in range(15):
        video.add(number / 30, image(10 * number))
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if bytes(data[4:8]) == b'moov':
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)
    monkeypatch.setattr(os, 'write', full)
    with pytest.raises(InputError, match='No space left on device; 15 images are in'):
        video.close()
    assert len(read(tmp_path / 'out.part1.mp4')[1]) == 15


KILLED = """
from pathlib import Path
import os
import sys
from emorec_ros.viewer.video_file import VideoFile
import numpy as np
video = VideoFile(Path(sys.argv[1]), sys.argv[2])
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    video.add(1.7e9 + number / 25, np.full((48, 64, 3), 3 * number, np.uint8))
os.kill(os.getpid(), 9)
"""
"""Writes some images and is killed."""


def kill_after(path: Path, run: str, first: int, end: int) -> None:
    """Write images of these numbers in a program that is killed."""
    status = subprocess.run([sys.executable, '-c', KILLED, str(path), run, str(first), str(end)],
                            check=False).returncode
    assert status == -9


def test_a_killed_recording_plays_to_the_last_image_that_its_encoder_gave(tmp_path: Path) -> None:
    kill_after(tmp_path / 'out.mp4', 'run', 0, 70)
    grays = read(tmp_path / 'out.part1.mp4')[1]
    assert len(grays) >= 70 - DELAY
    assert np.allclose(grays, [3 * number for number in range(len(grays))], atol=4)


def test_a_program_that_is_started_again_goes_on_with_the_file(tmp_path: Path) -> None:
    """Twice killed, once in the middle of a write; the images that were sent again count once."""
    path = tmp_path / 'out.mp4'
    kill_after(path, 'run', 0, 60)
    with open(tmp_path / 'out.part1.mp4', 'ab') as part:
        part.write(b'\0\0\0\x20prft' + bytes(150))
    first = VideoFile(path, 'run')
    kept = first.images
    first.close()
    (tmp_path / 'out.mp4').unlink()
    kill_after(path, 'run', 0, 60)
    kill_after(path, 'run', kept - 2, 60)
    video = VideoFile(path, 'run')
    for number in range(video.images - 2, 80):
        video.add(1.7e9 + number / 25, image(3 * number))
    assert video.close() and video.missing == 0
    rate, grays = read(path)
    assert rate == pytest.approx(25, abs=0.1) and [*tmp_path.iterdir()] == [path]
    if not DELAY:
        assert np.allclose(grays, [3 * number for number in range(80)], atol=4)


def test_what_is_lost_between_two_programs_is_counted(tmp_path: Path) -> None:
    kill_after(tmp_path / 'out.mp4', 'run', 0, 60)
    video = VideoFile(tmp_path / 'out.mp4', 'run')
    kept = video.images
    for number in range(75, 80):
        video.add(1.7e9 + number / 25, image(number))
    assert video.close()
    assert video.missing == pytest.approx(75 - kept, abs=DELAY and 5)
    assert video.images == kept + 5


def test_another_run_leaves_an_unfinished_recording_alone(tmp_path: Path) -> None:
    kill_after(tmp_path / 'out.mp4', 'one', 0, 60)
    before = (tmp_path / 'out.part1.mp4').read_bytes()
    for run in ('other', ''):
        video = VideoFile(tmp_path / 'out.mp4', run)
        video.add(0.0, image(9))
        assert (tmp_path / 'out.part2.mp4').exists() and video.close()
    assert (tmp_path / 'out.part1.mp4').read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_two_programs_do_not_write_to_one_file(tmp_path: Path) -> None:
    videos = [VideoFile(tmp_path / 'out.mp4', 'run') for _ in range(2)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ['out.part1.mp4', 'out.part2.mp4']
    for video in videos:
        video.close()


def test_images_are_shown_at_the_times_of_their_stamps(tmp_path: Path) -> None:
    """A missing image shows the one before for longer, and is counted."""
    video = VideoFile(tmp_path / 'out.mp4')
    numbers = [*range(12), 15, 16]
    for number in numbers:
        video.add(number / 30, image(10 * number))
    assert (video.close(), video.images, video.missing) == (True, 14, 3)
    capture = cv2.VideoCapture(str(tmp_path / 'out.mp4'))
    times = []
    while capture.read()[0]:
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    assert times == pytest.approx([number / 30 for number in numbers], abs=0.002)


@pytest.mark.parametrize('size', [(65, 49), (64, 49), (1921, 1081)])
def test_odd_sizes_and_images_larger_than_a_pipe_are_written(
        tmp_path: Path, size: tuple[int, int]) -> None:
    video = VideoFile(tmp_path / 'out.mp4')
    rng = np.random.default_rng(0)
    for number in range(3):
        video.add(number / 30, rng.integers(0, 256, (size[1], size[0], 3), np.uint8))
    assert video.close()
    capture = cv2.VideoCapture(str(tmp_path / 'out.mp4'))
    assert capture.get(cv2.CAP_PROP_FRAME_WIDTH) == size[0] & ~1
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 3


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
