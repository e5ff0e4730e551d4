# SPDX-License-Identifier: Apache-2.0
"""`emorec faces evaluate`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.faces.common import add_command
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import add_recognizer
from emorec_cli.rooms import require_room
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.identity.threshold import FALSE_ACCEPT

if TYPE_CHECKING:
    from emorec_training.identity.evaluation import Evaluation
    from emorec_training.identity.image_set import ImageSet

MOST_TRAIN_IMAGES = 10


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'evaluate', run, 'measure how well people are told apart, strangers rejected',
        'Enrol some images of each person, drawn at random, and look at the others. Prints the '
        'closed-set accuracy; how many friends are accepted where '
        f'{100 * FALSE_ACCEPT:g} % of looks at strangers pass, a quarter of the people being '
        'strangers; what the threshold does that "emorec faces train" would calibrate, per look '
        'and per track; each as mean and standard deviation over splits. A track '
        'is made of the images of one person in random order, each for two looks in a row. SFace '
        'and LBPH stand side by side, unless --recognizer names one; files show the first.')
    add = parser.add_argument
    add('folder', type=expand, metavar='DIR', help='a folder with one sub-folder of images per '
        'person, each cut to the face')
    add('--splits', type=int, default=20, help='random splits')
    add('--train-pictures', type=int, default=5, metavar='N',
        help=f'images enrolled of each, 1 to {MOST_TRAIN_IMAGES}')
    add('--seed', type=int, default=0, help='of the splits')
    add('--detect', action='store_true',
        help='let a detector cut the largest face out of each image, as live')
    add_detector(parser)
    add_recognizer(parser)
    add('--out', type=expand, metavar='DIR',
        help='write evaluation.json, confusion.png and roc.png there; needs matplotlib')
    add('--json', action='store_true', help='print JSON instead of text')


def run(arguments: argparse.Namespace) -> int:
    """Measure; print, and perhaps write, the figures."""
    require_room('emorec_training', *([] if arguments.out is None else ['matplotlib']))
    _check_numbers(arguments)
    import cv2
    from emorec_training.identity.summary import summary_of
    from emorec_training.identity.summary import text_of
    from emorec_vision.files.access import make_folder
    cv2.setNumThreads(1)
    if arguments.out is not None:
        make_folder(arguments.out)
    images = _images(arguments)
    for warning in images.warnings:
        tell(warning)
    summaries = []
    for kind in _kinds(arguments.recognizer):
        evaluation = _evaluate(images, arguments, kind)
        summaries.append(summary_of(evaluation, images, arguments.train_pictures, arguments.seed,
                                    arguments.detect, kind))
        if arguments.out is not None and len(summaries) == 1:
            from emorec_training.identity.report import write_report
            write_report(summaries[0], evaluation, arguments.out)
    if arguments.json:
        print(json.dumps({**summaries[0], 'compared': summaries[1:]}, ensure_ascii=False))
    else:
        print(text_of(*summaries))
    return 0


def _check_numbers(arguments: argparse.Namespace) -> None:
    """Refuse numbers that make no evaluation."""
    if arguments.splits < 1:
        raise InputError(f'--splits is {arguments.splits}: give at least 1')
    if not 1 <= arguments.train_pictures <= MOST_TRAIN_IMAGES:
        raise InputError(f'--train-pictures is {arguments.train_pictures}: give 1 to '
                         f'{MOST_TRAIN_IMAGES}')
    if arguments.seed < 0:
        raise InputError(f'--seed is {arguments.seed}: give 0 or more')


def _images(arguments: argparse.Namespace) -> ImageSet:
    """Return the images of the folder."""
    from emorec_training.identity.image_set import image_set
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.people.folder import load_people
    people = load_people(arguments.folder)
    if not arguments.detect:
        return image_set(people, arguments.train_pictures, None)
    detector = open_detector(arguments.detector, tell=tell)
    with _progress('finding faces') as bar:
        return image_set(people, arguments.train_pictures, detector, bar.update)


def _kinds(recognizer: str) -> list[str]:
    """Return the recognisers to measure: all that can be used, unless one is asked for."""
    from emorec_vision.identity.factory import AUTO
    from emorec_vision.identity.factory import choice_in_words
    from emorec_vision.identity.factory import LBPH
    from emorec_vision.identity.factory import recognizer_kind
    if recognizer not in ('', AUTO):
        return [recognizer_kind(recognizer)]
    if recognizer_kind() == LBPH:
        tell(f'recogniser: {choice_in_words(AUTO, tried=True)}')
    return list(dict.fromkeys([recognizer_kind(), LBPH]))


def _evaluate(images: ImageSet, arguments: argparse.Namespace, kind: str) -> Evaluation:
    """Measure a recogniser on the images."""
    from emorec_training.identity.embedding_table import EmbeddingTable
    from emorec_training.identity.evaluation import evaluate
    from emorec_training.identity.look_table import LookTable
    from emorec_vision.identity.factory import SFACE
    from emorec_vision.identity.threshold import LBPH_STRANGERS
    from emorec_vision.identity.threshold import SFACE_STRANGERS
    with _progress('images', len(images.images)) as bar:
        table = (EmbeddingTable(images.images, tick=bar.update) if kind == SFACE
                 else LookTable(images.images, bar.update))
    with _progress('splits', arguments.splits) as bar:
        return evaluate(table.look, images.owners, arguments.train_pictures, arguments.splits,
                        arguments.seed, bar.update,
                        prior=SFACE_STRANGERS if kind == SFACE else LBPH_STRANGERS)


def _progress(what: str, total: int | None = None) -> Any:
    """Return a progress bar, for terminals only, that goes when it is done."""
    from tqdm import tqdm
    return tqdm(total=total, desc=what, leave=False, file=sys.stderr, disable=None)
