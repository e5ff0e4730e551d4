# SPDX-License-Identifier: Apache-2.0
"""`emorec live`: run the whole graph on this machine and print what it sees."""

import argparse
from collections import deque
import glob
from importlib.util import find_spec
import os
from pathlib import Path
import select
import signal
import sys
from time import monotonic
from typing import Any
from typing import TextIO

from emorec_cli.output.standard_error import tell
from emorec_cli.output.tables import add_csv
from emorec_cli.output.tables import add_report
from emorec_cli.output.tables import LiveTables
from emorec_cli.parsing.arguments import not_negative_float
from emorec_cli.parsing.arguments import port
from emorec_cli.parsing.arguments import positive_float
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.options import add_bag_topics
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import add_detector_model
from emorec_cli.parsing.options import add_model
from emorec_cli.parsing.options import add_recognizer
from emorec_cli.parsing.options import chosen_source
from emorec_cli.rooms import require_room
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.sources import SPECIFICATIONS

POLL_EVERY = 0.05
WEB_PORT = 5050
REMEMBERED_STAMPS = 16


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'live', help='see who is in front of the camera and how they feel, now',
        description='Run the ROS 2 graph (camera, faces, identities, emotions) on this machine '
                    'and print one line per change of a confirmed emotion. Ctrl-C ends it.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('--source', default='auto', metavar='SOURCE',
        help=f'{SPECIFICATIONS} (a composed scene that needs no camera), a path alone, or auto: '
             'a Kinect if one is plugged in, else a webcam, else the demo')
    add_bag_topics(parser)
    add('--duration', type=positive_float, metavar='S', help='end after S seconds from the first '
        'answer (otherwise at the end of a file, or with Ctrl-C)')
    add('--json', action='store_true', help='print one JSON object per image instead')
    add('--verbose', action='store_true', help='also tell how other ROS 2 nodes join in, and what '
        'the nodes say while all is well (with --json that is told anyway)')
    add('--view', action='store_true', help='open a window with the annotated images')
    add('--show-recognition', action='store_true', help='write into those images how far each '
        'face is from the known person that it is most like')
    add('--web', nargs='?', type=port, const=WEB_PORT, metavar='PORT', help='show it all as a '
        f'page in the browser, on this machine only, at PORT ({WEB_PORT}; 0 takes a free one); '
        'the address is printed; needs `make service`')
    add('--record', default='', metavar='FILE.mp4', help='write the annotated images as a video')
    add('--rate', type=not_negative_float, metavar='X', help='images per second of a file or of '
        "the demo; 0 = a file as fast as it is answered (otherwise the file's own rate)")
    add('--people', default='', metavar='DIR', help='folder with a sub-folder of face images '
        "per known person; empty: this user's, where enrolled people are kept; none: everybody "
        'is unknown')
    add_csv(parser, 'person and image')
    add_report(parser)
    add_recognizer(parser)
    add_model(parser)
    add('--adapt', choices=('off', 'rest', 'person'), help='read each face against the same '
        'person at rest: not at all, by what was seen since the start, or (the default) also by '
        'what is kept of known people')
    add_detector(parser)
    add_detector_model(parser)
    add('--processes', choices=('one', 'each'), default='one', help='one for all nodes between '
        'the camera and the answers, which costs least, or one for each node')
    add('--hri', action='store_true', help='publish faces and persons for ROS4HRI below /humans '
        '(REP 155), which needs the ROS package hri_msgs')
    add('--network', action='store_true', help='let other ROS 2 machines of the network see and '
        'join the graph (otherwise nothing leaves this machine)')
    add('--secure', action='store_true', help='talk only to those who have a certificate, and '
        'encrypted, by the enclaves in ROS_SECURITY_KEYSTORE and in the domain of ROS_DOMAIN_ID '
        '(docs/security.md); needs an installed ROS 2')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the graph until its end and return the exit status."""
    check_ros()
    from emorec_ros.run.live_run import LiveRun
    from emorec_ros.runtime.process.exit_codes import FINISHED
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, _on_hang_up)
    live = LiveRun(_graph_options(arguments), arguments.network, tell, arguments.secure,
                   quiet=not (arguments.verbose or arguments.json))
    output = _own_standard_output()
    parts = _parts(arguments.record)
    try:
        with live:
            status = _print_all(live, arguments, output)
    except (KeyboardInterrupt, BrokenPipeError):
        status = FINISHED
    status = status or live.stop_code
    if status == FINISHED:
        for part in _parts(arguments.record) - parts:
            tell(f'the recording did not end in order; {part[0]} has what there is, and plays')
    return status


def check_ros() -> None:
    """Check that ROS 2 and the messages of emorec can be imported.

    Raises:
        InputError: if one of them is missing, with what to do.
    """
    for package in ('rclpy', 'emorec'):
        if find_spec(package) is None:
            raise InputError(f'ROS 2 is needed here and {package} cannot be imported: run `make '
                             'live` in a checkout of emorec, or source install/setup.bash of '
                             'your ROS 2 workspace')


def find_source(devices: Path = Path('/dev')) -> tuple[str, str]:
    """Return the source that `auto` stands for, and why."""
    from emorec_vision.sources.kinect.source import kinect_is_plugged_in
    if kinect_is_plugged_in():
        return 'kinect', 'it is plugged in'
    if sys.platform != 'linux' or any(devices.glob('video*')):
        from emorec_vision.sources.webcam import WebcamSource
        try:
            camera = WebcamSource(devices=devices)
            camera.close()
            return f'webcam:{camera.number}', 'it answers'
        except InputError as error:
            return 'demo', str(error)
    return 'demo', 'no camera was found'


def check_kinect() -> None:
    """Check that there is a Kinect; its driver then waits, also when libfreenect made it crash.

    Raises:
        InputError: if freenect is not installed or no Kinect is plugged in.
    """
    from emorec_vision.sources.kinect.source import kinect_is_plugged_in
    from emorec_vision.sources.kinect.source import load_freenect
    load_freenect()
    if not kinect_is_plugged_in():
        raise InputError('there is no Kinect; plug it in, with its own power supply, or use '
                         'another --source')


def _graph_options(arguments: argparse.Namespace) -> Any:
    from emorec_ros.graph import GraphOptions
    from emorec_ros.hri.installed import check_installed
    from emorec_ros.run.live_run import check_people
    from emorec_ros.run.live_run import PRINTED
    source = arguments.source
    if source == 'topics':
        raise InputError("source 'topics' has no camera here; it is for ros2 launch emorec "
                         'live.launch.py')
    if source == 'auto':
        source, why = find_source()
        tell(f'source: {source} ({why})')
    source = chosen_source(arguments, source)
    if source == 'kinect':
        check_kinect()
    if arguments.hri:
        check_installed()
    if arguments.web is not None:
        require_room('emorec_service', 'fastapi', 'uvicorn')
    record = str(expand(arguments.record).absolute()) if arguments.record else ''
    return GraphOptions(
        source=source, people=check_people(arguments.people),
        recognizer=arguments.recognizer, model=arguments.model,
        adapt=arguments.adapt or '',
        detector='' if arguments.detector == 'auto' else arguments.detector,
        detector_model=arguments.detector_model,
        # on this machine alone there is no other description of the camera's frames
        publish_tf=True if not arguments.network and find_spec('tf2_msgs') else None,
        rate=arguments.rate, processes=arguments.processes,
        view=arguments.view and _has_screen(), record=record,
        show_recognition=arguments.show_recognition, hri=arguments.hri,
        web=arguments.web,
        wait_for_camera=source == 'kinect', acknowledged_by=(PRINTED,))


def _print_all(live: Any, arguments: argparse.Namespace, output: TextIO) -> int:
    from emorec_cli.output.live_output import JsonOutput
    from emorec_cli.output.live_output import TextOutput
    form = JsonOutput() if arguments.json else TextOutput()
    with LiveTables(arguments) as tables:
        return _print_until_the_end(live, arguments, output, form, tables)


def _print_until_the_end(live: Any, arguments: argparse.Namespace, output: TextIO, form: Any,
                         tables: 'LiveTables') -> int:
    printed: deque[tuple[int, int]] = deque(maxlen=REMEMBERED_STAMPS)
    end = checked = None
    while end is None or monotonic() < end:
        message = live.wait_for_message(POLL_EVERY)
        if message is not None:
            stamp = (message.header.stamp.sec, message.header.stamp.nanosec)
            if stamp not in printed:
                printed.append(stamp)
                for line in form.lines(message):
                    print(line, file=output, flush=True)
                tables.add(message)
            live.acknowledge(message)
            if end is None and arguments.duration is not None:
                end = monotonic() + arguments.duration
        if checked is None or monotonic() - checked > POLL_EVERY:
            checked = monotonic()
            if (code := live.exit_code()) is not None:
                return code
            if _nobody_reads(output):
                raise BrokenPipeError
    return 0


def _parts(record: str) -> set[tuple[Path, int]]:
    """Return the unfinished files of a recording and their sizes."""
    path = expand(record)
    return {(part, part.stat().st_size) for part in path.parent.glob(
        f'{glob.escape(path.stem)}.part*{path.suffix}')} if record else set()


def _has_screen() -> bool:
    if os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY'):
        return True
    tell('--view: there is no screen (DISPLAY is not set); going on without a window')
    return False


def _nobody_reads(output: TextIO) -> bool:
    poll = select.poll()
    poll.register(output, select.POLLERR)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _own_standard_output() -> TextIO:
    """Keep standard output for our lines: libraries that write to it get standard error."""
    sys.stdout.flush()
    output = os.fdopen(os.dup(1), 'w', encoding='utf-8')
    os.dup2(2, 1)
    return output


def _on_hang_up(number: int, _frame: object) -> None:
    """End as at Ctrl-C, and let no second one, such as the shell's, disturb the end."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
