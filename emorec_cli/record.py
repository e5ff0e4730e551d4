# SPDX-License-Identifier: Apache-2.0
"""`emorec record`: write what a camera shows, colour and depth, to play it again."""

import argparse
from collections.abc import Generator
from collections.abc import Iterator
from contextlib import contextmanager
import os
import signal
import sys
from threading import Event
from time import monotonic
from typing import Any

from emorec_cli.live import check_ros
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.arguments import positive_float
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.options import chosen_source
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
from emorec_vision.sources import SourceLost
from emorec_vision.sources import SPECIFICATIONS
from emorec_vision.stamps import MAX_STEP_BACK_NS
from emorec_vision.stamps import seconds_to_ns

Frames = Generator[Frame | None, None, None]

POLL_EVERY = 0.1
PATIENCE = 5.0
GIGABYTE = 1_000_000_000
PROGRESS_EVERY = 0.5
PROGRESS_EVERY_IN_A_LOG = 10.0


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'record', help='record the images and the depth of a camera',
        description='Write the images and the depth on the topics of a camera (of `emorec '
                    'live` in another terminal, or of any ROS 2 camera) into a new folder, which '
                    '`emorec live --source recording:DIR` plays. Ctrl-C ends it.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('folder', metavar='DIR', help='folder to write to; must be new or empty')
    add('--source', metavar='SOURCE', help=f'record this instead of topics, without ROS: '
        f'{SPECIFICATIONS}')
    add('--namespace', default='camera', metavar='NS', help='namespace of the topics '
        'rgb/image_raw, rgb/camera_info and depth_registered/image_raw')
    add('--colour', default='', metavar='TOPIC', help='topic of the colour images, where it is '
        'another; with --source bag:PATH, one of the bag')
    add('--depth', default='', metavar='TOPIC', help='topic of the depth aligned to them')
    add('--info', default='', metavar='TOPIC', help='topic of their camera_info')
    add('--duration', type=positive_float, metavar='S', help='end after S seconds from the first '
        'image')
    add('--max-gb', type=positive_float, metavar='GB', help='end when the recording has this size')
    add('--keep-free', type=positive_float, default=1.0, metavar='GB', help='end, with an error, '
        'before less than this is free on the disk')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Record until told to stop and return the exit status."""
    stop = Event()
    with _stopped_by_signals(stop):
        _record(arguments, stop)
    return 0


def _record(arguments: argparse.Namespace, stop: Event) -> None:
    from emorec_vision.sources.recording.writer import RecordingWriter
    frames = (_frames_of_source(chosen_source(arguments, arguments.source), stop)
              if arguments.source
              else _frames_of_topics(arguments, stop))
    largest = None if arguments.max_gb is None else round(arguments.max_gb * GIGABYTE)
    writer = RecordingWriter(
        expand(arguments.folder), round(arguments.keep_free * GIGABYTE), largest)
    progress = Progress(writer)
    try:
        _write_all(frames, writer, arguments.duration, progress)
        lack = writer.lack_of_room
    finally:
        frames.close()
        writer.close()
    progress.end()
    if lack:
        raise InputError(f'{lack}: the recording ends here')


class Progress:
    """Print how a recording goes: on a terminal in one line, in a log every ten seconds."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._terminal = sys.stderr.isatty()
        self._every = PROGRESS_EVERY if self._terminal else PROGRESS_EVERY_IN_A_LOG
        self._due = monotonic() + self._every

    def show(self) -> None:
        """Print the state when it is time to."""
        if monotonic() >= self._due:
            self._due = monotonic() + self._every
            text = f'{self._state()}, {self._writer.free / GIGABYTE:.1f} GB free'
            print(f'\r{text}\x1b[K' if self._terminal else f'emorec: {text}', file=sys.stderr,
                  end='' if self._terminal else '\n', flush=True)

    def end(self) -> None:
        """Print what there is now, and how to play it."""
        if self._terminal:
            print('\r\x1b[K', end='', file=sys.stderr, flush=True)
        if not self._writer.frames:
            print('nothing was recorded')
            return
        print(f'recorded {self._state()} in {self._writer.folder}\n'
              f'play it: emorec live --source recording:{self._writer.folder}')

    def _state(self) -> str:
        writer = self._writer
        return (f'{writer.frames} frames ({writer.with_depth} with depth), '
                f'{writer.seconds:.1f} s, {writer.bytes / 1e6:.0f} MB')


def _write_all(
    frames: Frames, writer: Any, duration: float | None, progress: Progress
) -> None:
    """Write the frames until they end, or the time or the space is used up."""
    end = float('inf')
    for frame in frames:
        progress.show()
        if frame is None:
            if monotonic() >= end:
                return
            continue
        stamp = frame.stamp or 0
        if stamp < writer.newest_ns - MAX_STEP_BACK_NS:
            tell('the time of the images went back: the recording ends here')
            return
        writer.add(frame, stamp)
        if writer.is_large_enough or writer.lack_of_room:
            return
        if duration is not None:
            if writer.seconds >= duration:
                return
            end = min(end, monotonic() + duration)


def _frames_of_source(spec: str, stop: Event) -> Frames:
    """Yield the frames of a source; those of a live one are stamped with the time since now."""
    start = due = monotonic()
    with open_source(spec) as source:
        period = 1.0 / source.frame_rate if source.live and source.frame_rate else 0.0
        while not stop.is_set():
            try:
                frame = source.read()
            except SourceLost as error:
                tell(f'{error}: the recording ends here')
                return
            now = monotonic()
            for warning in source.take_warnings():
                tell(warning)
            if frame is None:
                return
            yield frame if frame.stamp is not None else Frame(
                frame.rgb, seconds_to_ns(now - start), frame.depth, frame.intrinsics, frame.name)
            due = max(due + period, now)
            stop.wait(max(due - monotonic(), 0.0))


def _frames_of_topics(arguments: argparse.Namespace, stop: Event) -> Frames:
    """Yield the frames of a camera's topics, None while there is none."""
    check_ros()
    from emorec_ros.camera.topics import CameraTopics
    topics = [getattr(arguments, name) or f'{arguments.namespace}/{rest}'.lstrip('/')
              for name, rest in (('colour', 'rgb/image_raw'),
                                 ('depth', 'depth_registered/image_raw'),
                                 ('info', 'rgb/camera_info'))]
    with CameraTopics(*topics) as camera:
        patience = monotonic() + PATIENCE
        while not stop.is_set():
            frame = camera.take(POLL_EVERY)
            if frame is not None:
                patience = float('inf')
            elif monotonic() > patience:
                patience = float('inf')
                tell(f'no images on {camera.colour} in ROS_DOMAIN_ID='
                     f'{os.environ.get("ROS_DOMAIN_ID") or 0} yet; to record `emorec live '
                     '--verbose`, set the variables that it prints when it starts')
            for warning in camera.take_warnings():
                tell(warning)
            yield frame
        if camera.lost:
            tell(f'{camera.lost} images were lost: the disk or the machine is too slow')


@contextmanager
def _stopped_by_signals(stop: Event) -> Iterator[None]:
    """End in order at the first Ctrl-C, SIGTERM or closed terminal, at once at the second."""
    def on_signal(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
    before = {number: signal.signal(number, on_signal)
              for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
