# SPDX-License-Identifier: Apache-2.0
"""`emorec watch`: one line per second, without ROS."""

import argparse
from collections.abc import Iterator
from datetime import datetime
from datetime import timedelta
import signal
from time import monotonic
from time import sleep
from time import time_ns
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli import watch_files
from emorec_cli.output.standard_error import tell
from emorec_cli.output.tables import add_csv
from emorec_cli.output.tables import add_report
from emorec_cli.output.tables import Tables
from emorec_cli.parsing.arguments import positive_float
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.options import add_bag_topics
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import add_model
from emorec_cli.parsing.options import chosen_source
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SPECIFICATIONS
from emorec_vision.stamps import NANOSECONDS

if TYPE_CHECKING:
    from emorec_vision.reader.summaries import Summary

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
                    'time of day, a file its own. Ctrl-C ends it. With VIDEO..., read video files '
                    'and folders of them as fast as the machine can, in several processes, and '
                    'print one line per file; a run that was stopped or killed goes on when it '
                    'is started again with the same --csv or --report.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('videos', nargs='*', type=expand, metavar='VIDEO', help='video files, or folders of them, '
        'instead of --source')
    add('--jobs', type=positive_int, metavar='N', help='processes that read VIDEO... (otherwise '
        'one per processor core); the result is the same whatever N')
    add('--dask', metavar='ADDRESS', help='read VIDEO... on the workers of the Dask cluster whose '
        'scheduler has this address, such as tcp://host:8786; each worker must see the files by '
        'the same paths and have the same emorec (pip install "emorec[dask]")')
    add('--source', default='auto', metavar='SOURCE',
        help=f'{SPECIFICATIONS}, or a path alone; auto: a camera if there is one, else the demo')
    add_bag_topics(parser)
    add('--every', type=positive_float, default=1.0, metavar='S', help='seconds per line')
    add('--duration', type=positive_float, metavar='S', help='end after so many seconds')
    add('--adapt', choices=('off', 'rest'), default='rest', help='read each face against the '
        'same face at rest, by what was seen since the start, or not')
    add_model(parser)
    add_detector(parser)
    add_csv(parser, 'face and image')
    add_report(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print until the end of the file, the duration, or Ctrl-C."""
    if arguments.videos:
        if arguments.source != 'auto' or arguments.duration is not None:
            raise InputError('--source and --duration do not go with VIDEO...')
        if arguments.jobs is not None and arguments.dask:
            raise InputError('give --jobs or --dask: a cluster has its own number of workers')
        return watch_files.run(arguments)
    for option in ('jobs', 'dask'):
        if getattr(arguments, option) is not None:
            raise InputError(f'--{option} is for VIDEO...: name files or folders instead of '
                             '--source')
    import cv2
    from emorec_cli.live import find_source
    from emorec_vision.depth.gate import DepthGate
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.faces.finder import FaceFinder
    from emorec_vision.reader.stream import PeopleStream
    from emorec_vision.reader.summaries import summaries
    from emorec_vision.reader.watcher import Watcher
    from emorec_vision.sources import open_source
    from emorec_vision.sources import SourceLost
    cv2.setNumThreads(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    model = EmotionModel(model_path(arguments.model))
    name = arguments.source
    if name == 'auto':
        name, why = find_source()
        tell(f'source: {name} ({why})')
    with open_source(chosen_source(arguments, name)) as source:
        detector = open_detector(arguments.detector, tell=tell)
        stream = PeopleStream(FaceFinder(detector, DepthGate(), stills=source.stills), model,
                              adapt=arguments.adapt != 'off')
        print('Reading video stream ...\n\nPreprocessing ...', flush=True)
        try:
            with Tables(arguments.csv, arguments.report, model.labels, model.name,
                        name) as tables:
                watcher = Watcher(stream, lambda people: tables.add(
                    person.to_dict() for person in people))
                for summary in summaries(
                        _frames(source, arguments.duration), watcher, arguments.every):
                    _print(summary, source.live)
        except KeyboardInterrupt:
            pass
        except SourceLost as error:
            raise InputError(f'{error}; start anew when it is back') from None
        _tell_warnings(source)
    return 0


def _frames(source: Source, duration: float | None) -> Iterator[tuple[int, Frame]]:
    """Yield the frames of a source with their times in ns, for at most so many seconds."""
    start, next_frame = None, monotonic()
    # the demo is the one live source that does not keep time by itself
    rate = source.frame_rate if source.kind == 'demo' else None
    while (frame := source.read()) is not None:
        _tell_warnings(source)
        if rate is not None:
            sleep(max(0.0, next_frame - monotonic()))
            next_frame = max(next_frame, monotonic() - SLACK) + 1.0 / rate
        stamp = time_ns() if frame.stamp is None else frame.stamp
        start = stamp if start is None else start
        if duration is not None and stamp - start >= duration * NANOSECONDS:
            return
        yield stamp, frame


def _tell_warnings(source: Source) -> None:
    for warning in source.take_warnings():
        tell(warning)


def _print(summary: 'Summary', live: bool) -> None:
    seconds = summary.stamp / NANOSECONDS
    when = (datetime.fromtimestamp(seconds) if live
            else datetime.min + timedelta(seconds=seconds))
    told = ' ; '.join(f'{each.told} , {each.probability:.0%}' for each in summary.sightings)
    print(f'{when:%H:%M:%S}s : {told or "no face"}', flush=True)
