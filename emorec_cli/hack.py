# SPDX-License-Identifier: Apache-2.0
"""`emorec hack`: change an image so little that people do not see it and the network does."""

import argparse
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.keras_import import prepare_keras
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.paths import check_data
from emorec_cli.parsing.paths import check_output_folder
from emorec_cli.rooms import require_room
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_training.attack.target import Target
    from emorec_training.data.dataset import Split
    import numpy as np


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'hack', help='fool the emotion network with a change that hardly shows',
        description='Change an image that the model calls one emotion as little as possible, so '
                    'that it says another: projected gradient descent through the Keras network, '
                    'smallest budget (largest change of a pixel) by bisection, checked on the '
                    'exported ONNX model. Without IMAGE and --data, the portrait of Eileen '
                    'Collins that the demo shows is taken. Needs the training extra.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('image', nargs='?', type=expand, metavar='IMAGE',
        help='image with a face, or a face of 48x48 px')
    add('--from', dest='source', default='Happy', metavar='EMOTION', help='what it is called now')
    add('--to', default='Sad', metavar='EMOTION', help='what it is to be called')
    add('--data', type=expand, metavar='DATA', help='fer2013.csv (its PublicTest), or a folder '
        'with one sub-folder of images per emotion, to choose the image from')
    add('--model', default='', metavar='FILE', help='ONNX model to fool, instead of the shipped '
        'one')
    add('--keras', type=expand, metavar='RUN', help='training run whose gradients are used '
        '(default: the network as it stands in the ONNX file)')
    add('--largest', type=positive_int, default=32, metavar='N',
        help='largest budget, in gray levels of 255')
    add('--steps', type=positive_int, default=20, metavar='N', help='steps of one attempt')
    add('--report', action='store_true', help='measure with --data how large a change each pair '
        'of emotions needs')
    add('--pictures', type=positive_int, default=210, metavar='N', help='rightly told images that '
        '--report attacks, as many of each emotion')
    add('--seed', type=int, default=0, metavar='N', help='chooses the images of --report')
    add('--out', type=expand, default=Path('hacked'), metavar='DIR', help='folder for the images')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Attack one image or many; return 0 if it worked, 1 if no budget did."""
    require_room('emorec_training')
    from emorec_vision.emotion.model import model_path
    from emorec_vision.files.access import make_folder
    _check_options(arguments)
    model = model_path(arguments.model)
    _check_paths(model, arguments)
    split = None if arguments.data is None else _read_data(arguments.data)
    images = _read_face(arguments)[None] if split is None else split.images
    prepare_keras()
    from emorec_training.attack.target import Target
    target = Target(model, arguments.keras)
    make_folder(arguments.out)
    if split is not None and arguments.report:
        return _report(target, split, arguments)
    return _hack(target, _choose(target, images, arguments), arguments)


def _check_options(arguments: argparse.Namespace) -> None:
    if arguments.report and arguments.data is None:
        raise InputError('--report needs --data: fer2013.csv, or a folder of labelled images')
    if arguments.image is not None and arguments.data is not None:
        raise InputError('name either IMAGE or --data, not both')
    for name in (arguments.source, arguments.to):
        if name not in EMOTIONS:
            raise InputError(f'{name!r} is no emotion; known are {", ".join(EMOTIONS)}')
    if arguments.source == arguments.to:
        raise InputError(f'--from and --to are both {arguments.to}')


def _check_paths(model: Path, arguments: argparse.Namespace) -> None:
    from emorec_training.evaluation.predictor import check_keras_file
    from emorec_vision.emotion.model import open_session
    open_session(model)
    if arguments.keras is not None:
        check_keras_file(arguments.keras)
    check_data(arguments.data)
    check_output_folder(arguments.out)


def _read_data(path: Path) -> 'Split':
    """Return the labelled images of a folder, or PublicTest of the csv."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.data.folders import read_folder
    return read_folder(path) if path.is_dir() else load_csv(path).measured().split('public')


def _read_face(arguments: argparse.Namespace) -> 'np.ndarray':
    """Return the face in IMAGE, or that of the portrait, uint8 (48, 48)."""
    if arguments.image is not None:
        from emorec_vision.sources.images import read_image
        return _face(read_image(arguments.image), str(arguments.image))
    from emorec_vision.sources.demo.portrait import load_portrait
    return _face(load_portrait(), 'the portrait')


def _face(rgb: 'np.ndarray', name: str) -> 'np.ndarray':
    """Return the largest face of an image as the network sees it; 48x48 px are one already."""
    import cv2
    from emorec_training.data.dataset import SIDE
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.reader.stills import StillFaces
    import numpy as np
    if rgb.shape[:2] == (SIDE, SIDE):
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    faces = StillFaces(EmotionModel(model_path(''))).predict(rgb)
    if not faces:
        raise InputError(f'{name} shows no face; give one that is frontal and at least 24 px '
                         'wide')
    return max(faces, key=lambda face: face.box.area).crop


def _choose(
        target: 'Target', images: 'np.ndarray', arguments: argparse.Namespace) -> 'np.ndarray':
    """Return the image to change, uint8 (48, 48), which the model calls as --from says."""
    import numpy as np
    if arguments.image is None:
        from emorec_training.attack.target import most_confident
        return most_confident(target, images, arguments.source)
    shares = target.predict(images)[0]
    predicted = EMOTIONS[shares.argmax()]
    if predicted != arguments.source:
        raise InputError(f'the model calls {arguments.image} {predicted} ({shares.max():.0%}), '
                         f'not {arguments.source}; give --from {predicted}')
    return np.asarray(images[0])


def _hack(target: 'Target', before: 'np.ndarray', arguments: argparse.Namespace) -> int:
    from emorec_training.attack.figures import write_attack
    from emorec_vision.emotion.model import model_path
    import numpy as np
    source, wanted = (EMOTIONS.index(name) for name in (arguments.source, arguments.to))
    attack = target.attacker(1, arguments.steps).find_smallest(
        before[None], np.array([wanted]), arguments.largest)
    if not attack.budgets[0]:
        print(f'no change of up to {arguments.largest} gray levels makes it '
              f'{arguments.to}; try a larger --largest or more --steps')
        return 1
    after = attack.images[0]
    write_attack(before, after, target, model_path(arguments.model).name, arguments.out)
    was, now = target.predict(np.stack([before, after]))
    print(f'{arguments.source} {was[source]:.1%} -> {arguments.to} {now[wanted]:.1%} by changing '
          f'no pixel by more than {attack.budgets[0]} of 255 gray levels; images in '
          f'{arguments.out}')
    return 0


def _report(target: 'Target', split: 'Split', arguments: argparse.Namespace) -> int:
    from emorec_training.attack.figures import plot_robustness
    from emorec_training.attack.robustness import format_robustness
    from emorec_training.attack.robustness import measure_robustness
    from emorec_vision.emotion.model import model_path
    from emorec_vision.files.access import write_json
    per_emotion = max(1, arguments.pictures // len(EMOTIONS))
    found = measure_robustness(target, split.images, split.labels, per_emotion,
                               arguments.steps, arguments.largest, arguments.seed)
    write_json(arguments.out / 'robustness.json', found.as_json())
    plot_robustness(found.medians, found.tried, model_path(arguments.model).name,
                    arguments.out / 'robustness.png')
    print(format_robustness(found))
    return 0
