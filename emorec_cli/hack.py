# SPDX-License-Identifier: Apache-2.0
"""`emorec hack`: change an image so little that people do not see it and the network does."""

import argparse
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.help_format import HelpFormatter
from emorec_cli.rooms import require_room
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError

if TYPE_CHECKING:
    from emorec_training.attack.hack import Target
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
    add('image', nargs='?', type=Path, metavar='IMAGE',
        help='image with a face, or a face of 48x48 px')
    add('--from', dest='source', default='Happy', metavar='EMOTION', help='what it is called now')
    add('--to', default='Sad', metavar='EMOTION', help='what it is to be called')
    add('--data', type=Path, metavar='DATA', help='fer2013.csv (its PublicTest), or a folder with '
        'one sub-folder of images per emotion, to choose the image from')
    add('--model', default='', metavar='FILE', help='ONNX model to fool, instead of the shipped '
        'one')
    add('--keras', type=Path, metavar='RUN', help='training run whose gradients are used '
        '(default: the network as it stands in the ONNX file)')
    add('--largest', type=_budget, default=32, metavar='N', help='largest budget, in gray levels '
        'of 255')
    add('--steps', type=_budget, default=20, metavar='N', help='steps of one attempt')
    add('--report', action='store_true', help='measure with --data how large a change each pair '
        'of emotions needs')
    add('--pictures', type=_budget, default=210, metavar='N', help='rightly told images that '
        '--report attacks, as many of each emotion')
    add('--seed', type=int, default=0, metavar='N', help='chooses the images of --report')
    add('--out', type=Path, default=Path('hacked'), metavar='DIR', help='folder for the images')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Attack one image or many; return 0 if it worked, 1 if no budget did."""
    require_room('emorec_training')
    from emorec_cli.emotions import common
    from emorec_vision.emotion.model import model_path
    if arguments.report and arguments.data is None:
        raise InputError('--report needs --data: fer2013.csv, or a folder of labelled images')
    if arguments.image is not None and arguments.data is not None:
        raise InputError('name either IMAGE or --data, not both')
    model = model_path(arguments.model)
    common.prepare_keras()
    from emorec_training.attack.hack import check_emotions
    from emorec_training.attack.hack import Target
    check_emotions([arguments.source, arguments.to])
    target = Target(model, arguments.keras)
    common.make_folder(arguments.out)
    return _report(target, arguments) if arguments.report else _hack(target, arguments)


def _hack(target: 'Target', arguments: argparse.Namespace) -> int:
    from emorec_training.attack.hack import write_images
    import numpy as np
    before = _image(target, arguments)
    shares = target.predict(before[None])[0]
    wanted = EMOTIONS.index(arguments.to)
    attack = target.attacker(1, arguments.steps).smallest(
        before[None], np.array([wanted]), arguments.largest)
    if not attack.budgets[0]:
        print(f'no change of up to {arguments.largest} gray levels makes it '
              f'{arguments.to}; try a larger --largest or more --steps')
        return 1
    after = attack.images[0]
    write_images(before, after, target, arguments.out)
    print(f'{arguments.source} {shares[EMOTIONS.index(arguments.source)]:.1%} -> '
          f'{arguments.to} {target.predict(after[None])[0][wanted]:.1%} by changing no pixel by '
          f'more than {attack.budgets[0]} of 255 gray levels; images in {arguments.out}')
    return 0


def _image(target: 'Target', arguments: argparse.Namespace) -> 'np.ndarray':
    """Return the image to change, uint8 (48, 48)."""
    from emorec_training.attack.hack import find_certain
    import numpy as np
    if arguments.image is None and arguments.data is not None:
        return find_certain(target, _data(arguments.data)[0], arguments.source)
    if arguments.image is None:
        from emorec_vision.sources.demo.portrait import load_portrait
        return find_certain(target, _face(load_portrait(), 'the portrait')[None], arguments.source)
    from emorec_vision.sources.images import read_image
    image = _face(read_image(arguments.image), str(arguments.image))
    said = target.predict(np.stack([image]))[0]
    if EMOTIONS[said.argmax()] != arguments.source:
        raise InputError(f'the model calls {arguments.image} {EMOTIONS[said.argmax()]} '
                         f'({said.max():.0%}), not {arguments.source}; give --from '
                         f'{EMOTIONS[said.argmax()]}')
    return image


def _face(rgb: 'np.ndarray', name: str) -> 'np.ndarray':
    """Return the largest face of an image as the network sees it; 48x48 px are one already."""
    import cv2
    from emorec_training.data.dataset import SIDE
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.emotion.stills import StillFaces
    if rgb.shape[:2] == (SIDE, SIDE):
        return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    faces = StillFaces(EmotionModel(model_path(''))).predict(rgb)
    if not faces:
        raise InputError(f'{name} shows no face; give one that is frontal and at least 24 px '
                         'wide')
    return max(faces, key=lambda face: face.box.area).crop


def _data(path: Path) -> tuple['np.ndarray', 'np.ndarray']:
    """Return labelled images, uint8 (N, 48, 48), and their labels, int64 (N,)."""
    if path.is_dir():
        from emorec_training.data.folders import read_folder
        split = read_folder(path)
    else:
        from emorec_training.data.dataset import load_csv
        split = load_csv(path).split('public')
    return split.images, split.labels


def _report(target: 'Target', arguments: argparse.Namespace) -> int:
    from emorec_training.attack.hack import format_robustness
    from emorec_training.attack.hack import measure
    from emorec_training.attack.hack import plot_robustness
    from emorec_vision.files import write_json
    images, labels = _data(arguments.data)
    per_emotion = max(1, arguments.pictures // len(EMOTIONS))
    figures = measure(target, images, labels, per_emotion, arguments.steps, arguments.largest,
                      arguments.seed)
    write_json(arguments.out / 'robustness.json', figures.as_json())
    plot_robustness(figures, arguments.out / 'robustness.png')
    print(format_robustness(figures))
    return 0


def _budget(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100000:
        raise argparse.ArgumentTypeError(f'{text} is not a whole number of 1 or more')
    return value
