# SPDX-License-Identifier: Apache-2.0
"""`emorec watch`: one line per second, without ROS."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
import signal
import sys
from time import monotonic
from time import sleep
from time import time_ns
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.arguments import positive_float
from emorec_cli.faces.common import tell
from emorec_cli.help_format import HelpFormatter
from emorec_cli.options import add_detector
from emorec_cli.options import add_model
from emorec_vision.errors import InputError
from emorec_vision.sources import Source
from emorec_vision.sources import SPECIFICATIONS
from emorec_vision.stamps import NANOSECONDS

if TYPE_CHECKING:
    from emorec_vision.emotion.watcher import Sighting
    from emorec_vision.emotion.watcher import Watcher

SLACK = 0.1
"""Seconds that the demo may be late and still makes up."""


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'watch', help='print one emotion per second, without ROS',
        description='Follow the faces of a camera or a file and print one line per second: the '
                    'time, the emotion of the largest face and its mean probability in that '
                    'second. An emotion that the confirmation window does not confirm yet has a '
                    'question mark; further faces follow on the same line. A camera gives the '
                    'time of day, a file its own. Ctrl-C ends it.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('--source', default='auto', metavar='SOURCE',
        help=f'{SPECIFICATIONS}; auto: a camera if there is one, else the demo')
    add('--every', type=positive_float, default=1.0, metavar='S', help='seconds per line')
    add('--duration', type=positive_float, metavar='S', help='end after so many seconds')
    add_model(parser)
    add_detector(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print until the end of the file, the duration, or Ctrl-C."""
    import cv2
    from emorec_cli.live import find_source
    from emorec_vision.depth.gate import DepthGate
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.emotion.watcher import Watcher
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.faces.finder import FaceFinder
    from emorec_vision.sources import open_source
    from emorec_vision.sources import SourceLost
    cv2.setNumThreads(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    model = EmotionModel(model_path(arguments.model))
    name = arguments.source
    if name == 'auto':
        name, why = find_source()
        print(f'emorec: source: {name} ({why})', file=sys.stderr)
    with open_source(name) as source:
        detector = open_detector(arguments.detector, tell=tell)
        watcher = Watcher(FaceFinder(detector, DepthGate(), stills=source.stills), model)
        print('Reading video stream ...\n\nPreprocessing ...', flush=True)
        try:
            _watch(source, watcher, arguments)
        except KeyboardInterrupt:
            pass
        except SourceLost as error:
            raise InputError(f'{error}; plug it in again and start anew') from None
        for warning in source.take_warnings():
            print(f'emorec: {warning}', file=sys.stderr)
    return 0


def _watch(source: Source, watcher: 'Watcher', arguments: argparse.Namespace) -> None:
    span = round(arguments.every * NANOSECONDS)
    start = due = None
    stamp, shown, next_frame = 0, False, monotonic()
    # the demo is the one live source that does not keep time by itself
    rate = source.frame_rate if source.kind == 'demo' else None
    while (frame := source.read()) is not None:
        if rate is not None:
            sleep(max(0.0, next_frame - monotonic()))
            next_frame = max(next_frame, monotonic() - SLACK) + 1.0 / rate
        stamp = time_ns() if frame.stamp is None else frame.stamp
        start = stamp if start is None else start
        due = stamp + span if due is None else due
        if stamp >= due:
            _print(due - span, watcher.sum_up(), source.live)
            due += span * ((stamp - due) // span + 1)
            shown = False
        if arguments.duration is not None and stamp - start >= arguments.duration * NANOSECONDS:
            return
        watcher.add(frame, stamp)
        shown = True
    if shown and due is not None:
        _print(due - span, watcher.sum_up(), source.live)


def _print(stamp: int, sightings: Sequence['Sighting'], live: bool) -> None:
    when = (datetime.fromtimestamp(stamp / NANOSECONDS) if live
            else datetime.min + timedelta(seconds=stamp / NANOSECONDS))
    told = ' ; '.join(f'{each.emotion}{"" if each.confirmed else "?"} , {each.probability:.0%}'
                      for each in sightings)
    print(f'{when:%H:%M:%S}s : {told or "no face"}', flush=True)
