# SPDX-License-Identifier: Apache-2.0
"""`emorec faces evaluate`."""

import argparse
from collections.abc import Callable
import json
from pathlib import Path
import sys
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.faces.common import add_command
from emorec_cli.rooms import require_room
from emorec_vision.errors import InputError

if TYPE_CHECKING:
    from emorec_training.identity.images import ImageSet

MOST_TRAIN_IMAGES = 10


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'evaluate', run, 'measure how well people are told apart, strangers rejected',
        'Enrol some images of each person, drawn at random, and look at the others. Prints the '
        'closed-set accuracy; how many friends are accepted where 1 %% of looks at strangers '
        'pass, a quarter of the people being strangers; what the threshold does that "emorec '
        'faces train" would calibrate, per look and per track; each as mean and standard '
        'deviation over splits. A track is made of the images of one person in random order, '
        'each for two looks in a row.')
    add = parser.add_argument
    add('folder', type=Path, metavar='DIR', help='a folder with one sub-folder of images per '
        'person, each cut to the face')
    add('--splits', type=int, default=20, help='random splits (default: %(default)s)')
    add('--train-pictures', type=int, default=5, metavar='N',
        help=f'images enrolled of each, 1 to {MOST_TRAIN_IMAGES} (default: %(default)s)')
    add('--seed', type=int, default=0, help='of the splits (default: %(default)s)')
    add('--detect', action='store_true',
        help='let the live detector cut the largest face out of each image')
    add('--out', type=Path, metavar='DIR',
        help='write evaluation.json, confusion.png and roc.png there')
    add('--json', action='store_true', help='print JSON instead of text')


def run(arguments: argparse.Namespace) -> int:
    """Measure; print, and perhaps write, the figures."""
    require_room('emorec_training')
    _check(arguments)
    import cv2
    from emorec_training.identity.evaluation import evaluate
    from emorec_training.identity.look_table import LookTable
    from emorec_training.identity.report import figures_of
    from emorec_training.identity.report import text_of
    from emorec_vision.files import make_folder
    from tqdm import tqdm
    cv2.setNumThreads(1)
    if arguments.out is not None:
        write_report = _report_writer()
        make_folder(arguments.out)
    images = _images(arguments)
    for warning in images.warnings:
        print(f'emorec: {warning}', file=sys.stderr)
    with tqdm(total=len(images.images), desc='images', leave=False, file=sys.stderr,
              disable=None) as bar:
        table = LookTable(images.images, bar.update)
    with tqdm(total=arguments.splits, desc='splits', leave=False, file=sys.stderr,
              disable=None) as bar:
        evaluation = evaluate(table.look, images.people, arguments.train_pictures,
                              arguments.splits, arguments.seed, bar.update)
    figures = figures_of(evaluation, images, arguments.train_pictures, arguments.seed,
                         arguments.detect)
    if arguments.out is not None:
        write_report(figures, evaluation, arguments.out)
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else text_of(figures))
    return 0


def _report_writer() -> Callable[..., None]:
    try:
        from emorec_training.identity.figures import write_report
    except ImportError:
        raise InputError('--out draws with matplotlib, which is not installed: `make training`, '
                         'or pip install "emorec[training]"; without --out the figures are '
                         'printed') from None
    return write_report


def _check(arguments: argparse.Namespace) -> None:
    """Refuse numbers that make no evaluation."""
    if arguments.splits < 1:
        raise InputError(f'--splits is {arguments.splits}: give at least 1')
    if not 1 <= arguments.train_pictures <= MOST_TRAIN_IMAGES:
        raise InputError(f'--train-pictures is {arguments.train_pictures}: give 1 to '
                         f'{MOST_TRAIN_IMAGES}')
    if arguments.seed < 0:
        raise InputError(f'--seed is {arguments.seed}: give 0 or more')


def _images(arguments: argparse.Namespace) -> 'ImageSet':
    """Return the images of the folder."""
    from emorec_training.identity.images import image_set
    from emorec_vision.faces.haar import HaarDetector
    from emorec_vision.people.folder import load_people
    from tqdm import tqdm
    people = load_people(arguments.folder)
    with tqdm(desc='finding faces', leave=False, file=sys.stderr,
              disable=None if arguments.detect else True) as bar:
        return image_set(people, arguments.train_pictures,
                         HaarDetector() if arguments.detect else None, bar.update)
