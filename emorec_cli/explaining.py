# SPDX-License-Identifier: Apache-2.0
"""A model and the method by which its maps are made, as a user chooses them."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emorec_cli.keras_import import prepare_keras
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.rooms import require_room
from emorec_vision.errors import InputError

if TYPE_CHECKING:
    from emorec_vision.reader.stills import EmotionTeller
    import numpy as np

METHODS = ('occlusion', 'gradient')


@dataclass(frozen=True)
class Explainer:
    """A model and how its maps are made.

    Attributes:
        model: tells the emotions.
        name: of the model.
        method: one of METHODS.
        weigh: from uint8 (S, S) and the column of an emotion to weights, float32 (S, S).
    """

    model: 'EmotionTeller'
    name: str
    method: str
    weigh: Callable[['np.ndarray', int], 'np.ndarray']


def add_explaining(parser: argparse.ArgumentParser) -> None:
    """Add `--model`, `--method` and `--patch`."""
    add = parser.add_argument
    add('--model', default='', metavar='MODEL', help='ONNX emotion model instead of the shipped '
        'fast one, or accurate or ferplus for other shipped ones; or a .keras file or the folder '
        'of a training run, which need the training extra')
    add('--method', choices=METHODS, default=None, help='occlusion: hide one place after the '
        'other and see how much less likely the emotion gets (any model); gradient: Grad-CAM '
        '(only .keras and runs, and their default)')
    add('--patch', type=positive_int, default=None, metavar='PX', help='side of the patch that '
        "hides a place, in px of the network's input (default: 16)")


def open_explainer(arguments: argparse.Namespace) -> Explainer:
    """Return the model and the method that the options choose.

    Raises:
        InputError: if there is no such model, the method does not go with it, or the patch is
            larger than a face.
    """
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    path = model_path(arguments.model)
    is_keras = path.suffix == '.keras' or path.is_dir()
    method = arguments.method or METHODS[is_keras]
    if method == 'gradient' and arguments.patch is not None:
        raise InputError('--patch belongs to --method occlusion')
    if method == 'gradient' and not is_keras:
        raise InputError(f'--method gradient needs a .keras file or the folder of a training run '
                         f'as --model; {path} has only --method occlusion')
    if not is_keras:
        onnx = EmotionModel(path)
        return _hiding(onnx, onnx.name, arguments.patch)
    require_room('emorec_training')
    from emorec_training.evaluation.predictor import check_keras_file
    check_keras_file(path)
    prepare_keras('tensorflow')
    from emorec_training.explanation.grad_cam import KerasExplainer
    network = KerasExplainer(path)
    if method == 'gradient':
        return Explainer(network, network.name, method, network.weigh)
    return _hiding(network, network.name, arguments.patch)


def _hiding(model: 'EmotionTeller', name: str, given: int | None) -> Explainer:
    """Return a model that is explained by hiding places; raise InputError for a wide patch."""
    from emorec_vision.emotion.occlusion import occlusion_map
    from emorec_vision.emotion.occlusion import PATCH
    patch = given or PATCH
    if patch > model.input_size:
        raise InputError(f'--patch {patch}: the network sees faces of {model.input_size} px')
    return Explainer(model, name, 'occlusion', lambda face, column: occlusion_map(
        model.predict, face, column, patch))
