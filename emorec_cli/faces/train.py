# SPDX-License-Identifier: Apache-2.0
"""`emorec faces train`."""

import argparse
import json
import math
import sys
from typing import Any

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import people_folder
from emorec_vision.errors import InputError
from emorec_vision.identity.threshold import FALSE_ACCEPT


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'train', run, 'learn to recognise the people of the people folder',
        'Learn everybody in the people folder, and write the model into its sub-folder .model: '
        "OpenCV's LBPH recogniser (YAML), and a JSON file with names, counts and the threshold "
        'that is calibrated from distances within and between the people.')
    add_people(parser)
    parser.add_argument('--false-accept', type=float, default=FALSE_ACCEPT, metavar='SHARE',
                        help='share of looks at strangers that may pass for somebody '
                             '(default: %(default)s)')
    parser.add_argument('--json', action='store_true', help='print one JSON object instead')


def run(arguments: argparse.Namespace) -> int:
    """Train, write, and tell what was learned."""
    import cv2
    from emorec_vision.people.model import train_people
    cv2.setNumThreads(1)
    folder = people_folder(arguments)
    model = train_people(folder, arguments.false_accept)
    for warning in model.warnings:
        print(f'emorec: {warning}', file=sys.stderr)
    if model.recognizer is None:
        raise InputError(f'there is nobody in {folder}; "emorec faces acquire --name NAME" takes '
                         'photos')
    found = model.recognizer.calibration
    kept = dict(zip(model.names, model.recognizer.template_counts, strict=True))
    share = None if math.isnan(found.true_accept) else found.true_accept
    if arguments.json:
        print(json.dumps({
            'folder': str(folder), 'templates': kept, 'threshold': found.threshold,
            'false_accept': found.false_accept, 'own_pictures_recognised': share},
            ensure_ascii=False))
        return 0
    print(f'learned {", ".join(model.names)} from {sum(kept.values())} templates')
    source = (f'{found.strangers} looks at the enrolled people and at strangers elsewhere'
              if found.strangers else 'looks at strangers elsewhere; enrol three people to '
              'calibrate it on your own camera')
    print(f'threshold {found.threshold:.1f} for {100 * found.false_accept:g} % false accepts, '
          f'from {source}')
    if share is not None:
        print(f'{100 * share:.0f} % of {found.friends} enrolled images are recognised from the '
              'others')
    return 0
