# SPDX-License-Identifier: Apache-2.0
"""
Write the demo scene as fakenect-record would have recorded it, and play it to a real libfreenect.

    .venv/bin/python test/fakenect_dump.py FOLDER [SECONDS]
"""

import os
from pathlib import Path
import sys

from emorec_vision.sources.demo.source import DemoScene
from emorec_vision.sources.kinect.depth import BASELINE
from emorec_vision.sources.kinect.depth import COLOUR_INTRINSICS
from emorec_vision.sources.kinect.depth import DEPTH_INTRINSICS
from emorec_vision.sources.kinect.depth import NO_READING
from emorec_vision.sources.kinect.depth import raw_to_millimetres
from emorec_vision.sources.kinect.pairs import TICKS_PER_SECOND
from emorec_vision.sources.kinect.pairs import WRAP
import numpy as np
import pytest

IMAGES = 6
"""Different ones; forwards and backwards again, by hard links, they make any length."""
DEPTH_LATE = 0.004
FIRST_TICKS = WRAP - 3 * TICKS_PER_SECOND // 2
LIBRARIES = ('fakenect/libfreenect.so.0.5', 'libfreenect.so.0.5')
PLACES = ('/usr/lib/x86_64-linux-gnu', '/usr/lib')


def preload() -> str:
    """Return LD_PRELOAD for Debian's fakenect, which lacks functions that freenect refers to."""
    for place in PLACES:
        paths = [Path(place) / library for library in LIBRARIES]
        if all(path.exists() for path in paths):
            return ' '.join(map(str, paths))
    pytest.skip('fakenect is not installed (Debian: apt install libfreenect-dev)')


def fakenect_environment(dump: Path) -> dict[str, str]:
    """Return what makes a process see a Kinect that plays a dump; skip the test without it."""
    libraries = preload()
    pytest.importorskip('freenect', reason='freenect is not installed: see docs/kinect.md',
                        exc_type=ImportError)
    return {'LD_PRELOAD': libraries, 'FAKENECT_PATH': str(dump)}


def write_dump(folder: Path, seconds: float, rate: float = 30.0) -> None:
    """Write a dump with `rate` images a second; the device's clock wraps on the way.

    The format is that of libfreenect's fakenect/record.c and fakenect.c.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scene = DemoScene()
    lines = ['a-0.000000-0.dump']
    (folder / lines[0]).write_bytes(bytes(12))
    written: dict[tuple[int, str], Path] = {}
    for number in range(round(seconds * rate)):
        step = number % (2 * IMAGES)
        image = min(step, 2 * IMAGES - 1 - step)
        frame = None if (image, 'r') in written else scene.frame(2 * image)
        for kind, late in (('r', 0.0), ('d', DEPTH_LATE)):
            when = 1.0 + number / rate + late
            ticks = (FIRST_TICKS + round(when * TICKS_PER_SECOND)) % WRAP
            name = f'{kind}-{when:.6f}-{ticks}.{"ppm" if kind == "r" else "pgm"}'
            if frame is not None:
                (folder / name).write_bytes(
                    b'P6 640 480 255\n' + frame.rgb.tobytes() if kind == 'r' else
                    b'P5 640 480 65535\n' + raw_from(frame.depth).astype('<u2').tobytes())
                written[image, kind] = folder / name
            else:
                os.link(written[image, kind], folder / name)
            lines.append(name)
    (folder / 'INDEX.txt').write_text('\n'.join(lines) + '\n')


def raw_from(registered: np.ndarray) -> np.ndarray:
    """Return the raw 11-bit image of the depth camera for depth in mm aligned to colour."""
    seen = as_depth_camera_sees(registered)
    millimetres = raw_to_millimetres(np.arange(NO_READING + 1))
    valid = np.flatnonzero(millimetres)
    nearest = np.interp(seen, millimetres[valid], valid, right=NO_READING)
    return np.where(seen > 0, np.rint(nearest), NO_READING).astype(np.uint16)


def as_depth_camera_sees(registered: np.ndarray) -> np.ndarray:
    """Return depth in mm as the depth camera sees what the colour camera's image holds."""
    rows, columns = np.nonzero(registered)
    z = registered[rows, columns].astype(np.int64)
    zoom = DEPTH_INTRINSICS.fx / COLOUR_INTRINSICS.fx
    seen = np.full(registered.shape, 65535, np.int64)
    for dx in (0.0, 0.5):
        for dy in (0.0, 0.5):
            x = zoom * (columns + dx - COLOUR_INTRINSICS.cx) + DEPTH_INTRINSICS.cx
            x = np.rint(x + DEPTH_INTRINSICS.fx * BASELINE * 1000 / z).astype(int)
            y = np.rint(zoom * (rows + dy - COLOUR_INTRINSICS.cy) + DEPTH_INTRINSICS.cy)
            inside = (x >= 0) & (x < 640) & (y >= 0) & (y < 480)
            np.minimum.at(seen, (y[inside].astype(int), x[inside]), z[inside])
    return np.where(seen == 65535, 0, seen)


if __name__ == '__main__':
    write_dump(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 10.0)
