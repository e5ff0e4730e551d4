# SPDX-License-Identifier: Apache-2.0
"""`emorec faces train`."""

from __future__ import annotations

import argparse
import json
import math
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import open_people
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.options import add_recognizer
from emorec_vision.errors import InputError
from emorec_vision.identity.threshold import FALSE_ACCEPT

if TYPE_CHECKING:
    from emorec_vision.identity.recognizer import TrainedRecognizer


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'train', run, 'learn to recognise the people of the people folder',
        'Learn everybody in the people folder, and write the model into its sub-folder .model: '
        "the embeddings of SFace (NumPy) or OpenCV's LBPH recogniser (YAML), and a JSON file with "
        'names, counts and the threshold that is calibrated from distances within and between '
        'the people.')
    add_people(parser)
    add_recognizer(parser)
    parser.add_argument('--false-accept', type=float, default=FALSE_ACCEPT, metavar='SHARE',
                        help='share of looks at strangers that may pass for somebody')
    parser.add_argument('--json', action='store_true', help='print one JSON object instead')


def run(arguments: argparse.Namespace) -> int:
    """Train, write, and tell what was learned."""
    import cv2
    cv2.setNumThreads(1)
    from emorec_vision.identity.factory import AUTO
    from emorec_vision.identity.factory import choice_in_words
    choice = arguments.recognizer or AUTO
    people = open_people(arguments, false_accept=arguments.false_accept, recognizer=choice)
    people.train()
    recognizer = people.model.recognizer
    if recognizer is None:
        raise InputError(f'there is nobody in {people.path}; "emorec faces acquire --name NAME" '
                         'takes photos')
    tell(f'recogniser: {choice_in_words(choice, tried=True)}')
    if arguments.json:
        found = recognizer.calibration
        print(json.dumps({
            'folder': str(people.path),
            'templates': dict(zip(recognizer.names, recognizer.template_counts, strict=True)),
            'threshold': found.threshold, 'false_accept': found.false_accept,
            'own_pictures_recognised': None if math.isnan(found.true_accept)
            else found.true_accept}, ensure_ascii=False))
    else:
        print(_text_of(recognizer))
    return 0


def _text_of(recognizer: TrainedRecognizer) -> str:
    """Return what was learned and how the threshold was found, a line each."""
    found = recognizer.calibration
    source = (f'{found.strangers} looks at the enrolled people and at strangers elsewhere'
              if found.strangers else 'looks at strangers elsewhere; enrol three people to '
              'calibrate it on your own camera')
    count = sum(recognizer.template_counts)
    lines = [f'learned {", ".join(recognizer.names)} from {count} template{"s" * (count > 1)}',
             f'threshold {found.threshold:.3g} for {100 * found.false_accept:g} % false accepts, '
             f'from {source}']
    if not math.isnan(found.true_accept):
        lines.append(f'{100 * found.true_accept:.0f} % of {found.friends} enrolled images are '
                     'recognised from the others')
    return '\n'.join(lines)
