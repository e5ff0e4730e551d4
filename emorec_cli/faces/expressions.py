# SPDX-License-Identifier: Apache-2.0
"""`emorec faces expressions`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
import select
import sys
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import open_people
from emorec_cli.faces.source import finder_for
from emorec_cli.faces.source import frames_of
from emorec_cli.faces.source import open_camera
from emorec_cli.faces.source import SOURCES
from emorec_cli.interrupts import interruptible
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.arguments import positive_float
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import add_model
from emorec_vision.errors import InputError
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost

if TYPE_CHECKING:
    from emorec_vision.emotion.lesson import Lesson
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.faces.tracked_face import TrackedFace

TITLE = 'emorec faces expressions'
KEYS = {'s': 'skip', 'q': 'end'}
SECONDS = 3.0


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'expressions', run, 'learn how a known person shows each emotion',
        'Ask a person whose photos are known for a resting face and then for each expression, '
        'some seconds each, and learn them: where the person alone is in view. What was learnt '
        'of an expression is used only where it reads frames that were held back better than the '
        'general answer. Enter, or s in the window, skips an expression. A film shows the resting '
        'face and the expressions in their order, each for as long. Ctrl-C learns nothing.')
    add = parser.add_argument
    add('name', metavar='NAME', help='of the person')
    add('--only', metavar='LABELS', default='', help='learn these expressions only, such as '
        'Happy,Sad')
    add('--seconds', type=positive_float, default=SECONDS, metavar='S',
        help='for each of them, of which the first second does not count')
    add('--forget', action='store_true', help='delete what was learnt instead: of those of '
        '--only, or everything, the resting face too')
    add('--live', action='store_true', help='let the running robot do it, whose camera is in use: '
        'the emotion node in the ROS 2 network of your settings')
    add('--namespace', default='', metavar='NS', help='of the running robot, with --live')
    add('--source', default='auto', metavar='SOURCE', help=SOURCES)
    add_model(parser)
    add_detector(parser)
    add_people(parser)


def run(arguments: argparse.Namespace) -> int:
    """Learn or forget, and say what was found."""
    only = [label for label in map(str.strip, arguments.only.split(',')) if label]
    if arguments.live:
        from emorec_cli.faces.live_expressions import run_live
        return run_live(arguments, only)
    import cv2
    from emorec_vision.emotion.learnt_expressions import ExpressionLearner
    from emorec_vision.emotion.lesson import Lesson
    from emorec_vision.people.expression_files import ExpressionFiles
    from emorec_vision.people.names import plain_name
    cv2.setNumThreads(1)
    model, name, people = _model(arguments.model), plain_name(arguments.name), open_people(
        arguments)
    people.require(name)
    files = ExpressionFiles(people.path, model)
    if arguments.forget:
        what = arguments.only or 'the face at rest and all expressions'
        found = files.forget(name, only)
        print(f'forgotten of {name}: {what}' if found else f'nothing of that was known of {name}')
        return 0 if found else 2
    files.read(name)
    lesson = Lesson(name, model.labels, only, arguments.seconds)
    if not _teach(lesson, model, arguments):
        tell('nothing was learnt')
        return 2
    assert model.space is not None
    learnt = ExpressionLearner(model.space, model.labels).learn(lesson.shown)
    files.write_learnt(name, learnt.rest, {
        finding.label: learnt.expressions.get(finding.label)
        for finding in learnt.findings if not finding.skipped})
    print_findings(name, [str(finding) for finding in learnt.findings])
    return 0


def print_findings(name: str, findings: list[str]) -> None:
    """Say what was found of each expression."""
    for finding in findings:
        print(finding)
    print(f'{name} is read by what was shown from now on')


class Prompts:
    """Tells a person in the terminal what to show, and what is waited for."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._said = ('', '')

    def tell(self, prompt: str, hint: str) -> None:
        """Say what has changed."""
        if prompt != self._said[0] and prompt:
            print(f'{prompt} ...', file=sys.stderr, flush=True)
        if hint and hint != self._said[1]:
            tell(f'waiting: {hint}')
        self._said = prompt, hint


def enter_was_pressed() -> bool:
    """Tell whether somebody at the terminal has pressed Enter since the last call."""
    if not sys.stdin or not sys.stdin.isatty():
        return False
    return bool(select.select([sys.stdin], [], [], 0)[0] and sys.stdin.readline())


def _model(name: str) -> EmotionModel:
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    model = EmotionModel(model_path(name))
    if model.space is None:
        raise InputError(f'{model.path} does not say where expressions lie; "emorec emotions '
                         'expressions" adds it')
    return model


def _teach(lesson: Lesson, model: EmotionModel, arguments: argparse.Namespace) -> bool:
    """Show a source to the lesson, to the end of one of them; False if it was broken off."""
    try:
        with interruptible(), open_camera(arguments.source) as source:
            with _view(lesson) as show:
                return _watch(source, lesson, model, arguments.detector, show)
    except KeyboardInterrupt:
        return False
    except SourceLost as error:
        raise InputError(f'{error}; nothing was learnt') from None


def _watch(source: Source, lesson: Lesson, model: EmotionModel, detector: str,
           show: Callable[[Frame, list[TrackedFace]], str]) -> bool:
    import cv2
    import numpy as np
    finder, prompts = finder_for(source, detector), Prompts()
    for frame, stamp in frames_of(source):
        gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
        faces = list(finder.process(gray, stamp, frame.depth, frame.intrinsics).faces)
        seen = [face for face in faces if face.detected]
        rows, places = model.read(np.array(
            [face.pixels(model.input_size) for face in seen], np.uint8).reshape(
                -1, model.input_size, model.input_size))
        tracks = [face.track_id for face in seen]
        lesson.add(stamp, {face.track_id: '' for face in faces}, dict(zip(tracks, rows)),
                   {} if places is None else dict(zip(tracks, places)))
        prompts.tell(lesson.prompt, lesson.hint)
        key = show(frame, faces)
        if key == 'q':
            return False
        if key == 's' or enter_was_pressed():
            try:
                lesson.skip()
            except InputError as error:
                tell(str(error))
        if lesson.done:
            return True
    return True


@contextmanager
def _view(lesson: Lesson) -> Iterator[Callable[[Frame, list[TrackedFace]], str]]:
    """Give what shows an image, in a window where there is a screen, and returns the key."""
    from emorec_cli.faces.photo_views import has_screen
    from emorec_cli.faces.photo_views import Window
    if not has_screen():
        yield lambda frame, faces: ''
        return
    with Window(lesson.count, TITLE, KEYS) as window:
        yield lambda frame, faces: window.show(
            frame.rgb, faces, lesson.number, f'{lesson.prompt}  {lesson.hint}')
