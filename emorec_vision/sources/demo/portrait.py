# SPDX-License-Identifier: Apache-2.0
"""The photograph of the demo scene: the astronaut Eileen Collins.

portrait.jpg is a part of NASA's photograph GPN-2000-001177 (https://flic.kr/p/r9qvLn), in the
public domain, as scikit-image distributes it, compressed to JPEG.
"""

from pathlib import Path

from emorec_vision.sources.images import read_image
import numpy as np


def load_portrait() -> np.ndarray:
    """Return the photograph, uint8 RGB (512, 512, 3).

    Raises:
        InputError: if the file was not installed or is damaged.
    """
    return read_image(Path(__file__).with_name('portrait.jpg'))
