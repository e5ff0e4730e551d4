# SPDX-License-Identifier: Apache-2.0
"""Measure what recording a frame costs: processor time and bytes, 640x480.

    .venv/bin/python benchmarks/recording.py

On frames of the demo scene, one thread. First lossless formats, then the writer of `emorec record`
with its stamps and renames, then videos: as `emorec live --record` writes them, and as WebM by
OpenCV. A camera at 30 Hz leaves 33 ms per frame.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import cv2
from emorec_ros.viewer.video_file import VideoFile
from emorec_vision.sources import Frame
from emorec_vision.sources.demo.source import DemoScene
from emorec_vision.sources.recording.writer import RecordingWriter
import numpy as np

FRAMES = 60
SUB_RLE = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]


def main() -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    scene = DemoScene()
    frames = [scene.frame(10 * number) for number in range(FRAMES)]
    colours = [cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR) for frame in frames]
    depths = [frame.depth for frame in frames if frame.depth is not None]
    print(f'{"what":32} {"CPU, ms":>8} {"MB":>6}')
    with TemporaryDirectory() as folder:
        for name, images, suffix, options in (
                ('colour, PPM', colours, '.ppm', []), ('colour, PNG', colours, '.png', []),
                ('colour, PNG, fastest level', colours, '.png', SUB_RLE),
                ('depth, PGM', depths, '.pgm', []), ('depth, PNG', depths, '.png', [])):
            report(name, *measure(write_images, Path(folder), images, suffix, options))
        report('one frame of emorec record', *measure(record, Path(folder), frames))
        report('one image of --record', *measure(video, Path(folder), frames))
        for fourcc in ('VP80', 'VP90'):
            report(f'{fourcc} in WebM', *measure(webm, Path(folder), colours, fourcc))


def write_images(folder: Path, images: list[np.ndarray], suffix: str, options: list) -> int:
    """Write images and return their bytes."""
    for number, image in enumerate(images):
        cv2.imwrite(str(folder / f'{number}{suffix}'), image, options)
    return sum((folder / f'{number}{suffix}').stat().st_size for number in range(len(images)))


def record(folder: Path, frames: list[Frame]) -> int:
    """Record frames and return their bytes."""
    writer = RecordingWriter(folder / 'recording', keep_free=0)
    for number, frame in enumerate(frames):
        writer.add(frame, number)
    writer.close()
    return writer.bytes


def video(folder: Path, frames: list[Frame]) -> int:
    """Write frames as `emorec live --record` does and return their bytes."""
    writer = VideoFile(folder / 'video.mp4')
    for number, frame in enumerate(frames):
        writer.add(number / 30, frame.rgb)
    writer.close()
    return (folder / 'video.mp4').stat().st_size


def webm(folder: Path, images: list[np.ndarray], fourcc: str) -> int:
    """Write images as browsers play them and return their bytes."""
    path = folder / f'{fourcc}.webm'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), 30.0,
                             images[0].shape[1::-1])
    for image in images:
        writer.write(image)
    writer.release()
    return path.stat().st_size


def measure(work: Callable[..., int], *arguments: object) -> tuple[float, float]:
    """Return processor milliseconds and MB per frame."""
    started = process_time()
    size = work(*arguments)
    return 1000 * (process_time() - started) / FRAMES, size / FRAMES / 1e6


def report(name: str, milliseconds: float, megabytes: float) -> None:
    """Print a line."""
    print(f'{name:32} {milliseconds:8.1f} {megabytes:6.2f}')


if __name__ == '__main__':
    main()
