# SPDX-License-Identifier: Apache-2.0
"""`emorec explain`: what the network looks at in a face."""

import argparse
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.explaining import add_explaining
from emorec_cli.explaining import Explainer
from emorec_cli.explaining import open_explainer
from emorec_cli.output.new_names import NewNames
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.images import named_images
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import add_detector_model
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_vision.drawing.explanation import Explanation
    import numpy as np


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'explain', help='show what the network looks at in a face',
        description='Find the faces in images and draw for each a map of what speaks for its '
                    'emotion, and what against it. An image of the side that the network takes '
                    '(48x48 px) is a face already. Needs neither a camera nor ROS.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('images', nargs='+', type=expand, metavar='IMAGE',
        help='image file (PNG, JPEG, ...), or a folder of them')
    add('--out', type=expand, required=True, metavar='DIR', help='write a sheet for each image '
        'into this folder, as PNG files')
    add('--emotion', default='', metavar='NAME', help='explain this emotion instead of the one '
        'that is told')
    add_explaining(parser)
    add_detector(parser)
    add_detector_model(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Explain all images and return the exit status: 2 if any of them was unreadable."""
    import cv2
    from emorec_vision.drawing.explanation import draw_explanations
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.files.access import make_folder
    from emorec_vision.files.access import write_png
    from emorec_vision.reader.stills import StillFaces
    from emorec_vision.sources.images import read_image
    cv2.setNumThreads(1)
    check_output_folder(arguments.out)
    explainer = open_explainer(arguments)
    _check_emotion(arguments.emotion, explainer)
    finder = StillFaces(explainer.model, open_detector(
        arguments.detector, arguments.detector_model, tell=tell))
    folder, new_name = make_folder(arguments.out), NewNames()
    paths, status = named_images(arguments.images)
    for path in paths:
        try:
            rgb = read_image(path)
        except InputError as error:
            tell(str(error))
            status = 2
            continue
        found = explain_image(rgb, finder, explainer, arguments.emotion)
        if not found:
            print(f'{path}: no face found', flush=True)
            continue
        target = folder / new_name(path.stem)
        write_png(target, draw_explanations(found, legend(explainer.method), about(explainer)))
        for number, face in enumerate(found, 1):
            print(f'{path}: {f"{number} " * (len(found) > 1)}{face.title}', flush=True)
        print(f'{path}: written to {target}', flush=True)
    return status


def explain_image(rgb: 'np.ndarray', finder: Any, explainer: Explainer,
                  emotion: str = '') -> 'list[Explanation]':
    """Return what is drawn of each face of an image, from left to right.

    Args:
        rgb: uint8 (H, W, 3); one of the side of the network's input is a face.
        finder: StillFaces of the same model.
        explainer: the model.
        emotion: to explain; '' for the one that is told.
    """
    import cv2
    from emorec_vision.drawing.explanation import Explanation
    labels, side = explainer.model.labels, explainer.model.input_size
    if rgb.shape[:2] == (side, side):
        crop = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        row = explainer.model.predict(crop[None])[0]
        faces = [(crop, dict(zip(labels, map(float, row), strict=True)))]
    else:
        faces = [(face.crop, face.probabilities) for face in finder.predict(rgb)]
    explanations = []
    for crop, shares in faces:
        name = emotion or max(shares, key=shares.__getitem__)
        weights = explainer.weigh(crop, labels.index(name))
        explanations.append(Explanation(
            crop, weights, name, shares, _title(name, shares[name], weights, explainer.method)))
    return explanations


def legend(method: str) -> list[tuple[str, tuple[int, int, int]]]:
    """Return what red and blue mean in a map, and these colours."""
    from emorec_vision.drawing.explanation import AGAINST
    from emorec_vision.drawing.explanation import FOR
    if method == 'gradient':
        return [('red: the features found here speak for the emotion', FOR)]
    return [('red: hiding this place makes the emotion less likely (it speaks for it)', FOR),
            ('blue: hiding this place makes it likelier (it speaks against it)', AGAINST)]


def about(explainer: Explainer) -> str:
    """Return the line below a sheet: the model, the method, the date."""
    from datetime import date
    how = 'Grad-CAM' if explainer.method == 'gradient' else 'occlusion'
    return f'{explainer.name}, {how}, {date.today().isoformat()}'


def _title(name: str, share: float, weights: 'np.ndarray', method: str) -> str:
    """Return what stands above a face."""
    if method == 'gradient':
        return f'{name} {share:.0%}'
    return (f'{name} {share:.0%}; log-probability changes by {-weights.max():+.2f} to '
            f'{-weights.min():+.2f} when places are hidden')


def _check_emotion(name: str, explainer: Explainer) -> None:
    if name and name not in explainer.model.labels:
        raise InputError(f'--emotion: {name!r} is none that {explainer.name} tells; it tells '
                         f'{", ".join(explainer.model.labels)}')
