# SPDX-License-Identifier: Apache-2.0
"""The video of 20 seconds from which the course's 20 face images are cut."""

from pathlib import Path
import shutil

import cv2
from emorec_vision.files.access import replace
from emorec_vision.sources.demo.source import DemoScene
from emorec_vision.sources.demo.source import FRAME_RATE
from emorec_vision.sources.demo.source import LOOP
from emorec_vision.sources.video import VideoSource
from emorec_vision.stamps import NANOSECONDS

IMAGES: int = 20
STEP: int = 2
"""Every second frame of the demo scene is written."""


def write_demo_video(path: Path) -> None:
    """Write the demo scene, 20 s of 640x480 px, as mp4."""
    scene = DemoScene()
    with replace(path) as temporary:
        writer = None
        for index in range(0, LOOP, STEP):
            image = cv2.cvtColor(scene.frame(index).rgb, cv2.COLOR_RGB2BGR)
            if writer is None:
                size = (image.shape[1], image.shape[0])
                writer = cv2.VideoWriter(
                    str(temporary), cv2.VideoWriter.fourcc(*'mp4v'), FRAME_RATE / STEP, size)
            writer.write(image)
        if writer is not None:
            writer.release()


def copy_video(video: Path, path: Path) -> None:
    """Copy a video to `path`, whole or not at all."""
    with replace(path) as temporary:
        shutil.copyfile(video, temporary)


def seconds_per_image(video: Path) -> float:
    """Return how far apart IMAGES images of a video are, s; 1 for one of 20 or 21 s.

    Raises:
        InputError: if it cannot be read.
    """
    stamp = 0
    with VideoSource(video) as source:
        while (frame := source.read()) is not None:
            stamp = max(stamp, frame.stamp or 0)
    seconds = stamp / NANOSECONDS
    return 1.0 if IMAGES - 1 <= seconds < IMAGES + 1 else max(seconds / IMAGES, 0.05)
