#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draw docs/images/personal_space.png: the space in which a face is read against its own rest.

Happy and Surprise span it. The stars are FER2013's mean Neutral and expressions, read from the
shipped model; the circles are the demo's portrait in 48 crops, and where its owner's rest is
taken to lie once the smile is known to be one.
"""

from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_training.plots import GRAY  # noqa: E402
from emorec_training.plots import save_figure  # noqa: E402
from emorec_vision.emotion.model import EmotionModel  # noqa: E402
from emorec_vision.emotion.model import model_path  # noqa: E402
from emorec_vision.emotions import EMOTIONS  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
from emorec_vision.sources.demo.portrait import load_portrait  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
import numpy as np  # noqa: E402

from baseline import views  # noqa: E402, I100

OUT = ROOT / 'docs' / 'images' / 'personal_space.png'


def main() -> int:
    """Draw and write the figure."""
    model = EmotionModel(model_path(''))
    space = model.space
    assert space is not None
    gray = cv2.cvtColor(load_portrait(), cv2.COLOR_RGB2GRAY)
    box = max((face.box for face in HaarDetector().detect(gray)), key=lambda each: each.area)
    rng = np.random.default_rng(0)
    crops = np.concatenate([views(gray, box, model.input_size, rng) for _ in range(3)])
    places = model.read(crops)[1]
    assert places is not None
    happy, surprise = (EMOTIONS.index(name) for name in ('Happy', 'Surprise'))
    axes = np.linalg.qr(space.expressions[[happy, surprise]].T)[0]
    axes *= np.sign((space.expressions[[happy, surprise]] @ axes).diagonal())
    rest = space.labelled_rest(places, np.full(len(places), happy))
    figure = Figure(figsize=(7, 5), layout='constrained')
    plot = figure.subplots()
    across, up = (places @ axes).T
    plot.scatter(across, up, s=14, color='tab:orange', label='the astronaut, smiling')
    for own, colour, label in ((np.zeros_like(rest), GRAY, 'expected of anybody'),
                               (rest, 'tab:blue', 'expected of the astronaut')):
        for index, name in enumerate(EMOTIONS):
            start, end = own @ axes, (own + space.expressions[index]) @ axes
            plot.plot(*np.stack([start, end]).T, color=colour, linewidth=1)
            plot.scatter(end[0], end[1], marker='*', s=90, color=colour,
                         label='' if index else label)
            plot.annotate(name if index != space.neutral else 'rest', end, color=colour,
                          xytext=(4, 4), textcoords='offset points')
    plot.set_xlabel('towards Happy')
    plot.set_ylabel('towards Surprise')
    plot.legend()
    save_figure(figure, OUT, 'models/emotion.onnx')
    return 0


if __name__ == '__main__':
    sys.exit(main())
