#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure what the confirmation window does: less flicker, for some delay.

    .venv/bin/python benchmarks/confirmation.py --csv fer2013.csv [--clips DIR] [--json]

On clips (nobody knows the true emotion there), through the face finder and the emotion model:
  flips/min       how often the answer changes, per minute of measured faces
  changes/min     how often an answer differs from the one before, pauses left out: what is
                  published on /emotion_changes
  answered        share of measured faces for which there is an answer: a confirmed emotion
On FER2013 PublicTest, whose images stand for the measurements of somebody who shows one emotion
and then, half way, another one, in random order, each image for --hold frames (neighbouring
frames of life are alike):
  flips/min, changes/min, answered   as above
  wrong           share of frames whose answer is not the emotion shown
  delay           from the change to the first right answer, ms: median/95 %
  never           share of changes after which the right answer never came
  old stays       how long the answer before the change stays after it, ms: median/95 %
  wrong stays     how long an answer that was wrong from its start stays, ms: median/95 %
An answer is the confirmed emotion, none while nothing is confirmed. 'raw' is the emotion of the
newest frame, and always an answer.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
import itertools
import json
from pathlib import Path
import sys
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.confirmation import ConfirmationWindow  # noqa: E402
from emorec_vision.confirmation import WindowSettings  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.emotion.model import EmotionModel  # noqa: E402
from emorec_vision.emotion.model import model_path  # noqa: E402
from emorec_vision.emotions import EMOTIONS  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
from emorec_vision.faces.finder import FaceFinder  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
from emorec_vision.sources.video import VideoSource  # noqa: E402
from emorec_vision.stamps import NANOSECONDS  # noqa: E402
import numpy as np  # noqa: E402

FRAME_RATE = 30.0
WINDOWS: dict[str, WindowSettings | None] = {
    'raw': None, '10 frames': WindowSettings(10), '20 frames': WindowSettings(),
    '40 frames': WindowSettings(40)}
SHOWN_FOR = 90
"""Frames for which one emotion is shown."""


@dataclass
class Person:
    """Hold the measurements (N, 7) of one person, and the emotions shown (N,) where known."""

    probabilities: np.ndarray
    shown: np.ndarray | None = None


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--clips', type=Path, default=ROOT.parent / 'shared' / 'data' / 'video',
                        help='folder of video files (default: %(default)s)')
    parser.add_argument('--csv', type=Path, help='the official fer2013.csv')
    parser.add_argument('--model', default='', help='.onnx file, or "accurate" '
                                                    '(default: the shipped model)')
    parser.add_argument('--hold', type=int, nargs='+', default=[1, 5], metavar='N',
                        help='frames for which an image stands (default: 1 5)')
    parser.add_argument('--repeats', type=int, default=10,
                        help='sequences per pair of emotions (default: %(default)s)')
    parser.add_argument('--json', action='store_true', help='print JSON instead of tables')
    arguments = parser.parse_args()
    try:
        report = measure(arguments)
    except InputError as error:
        print(f'confirmation: {error}', file=sys.stderr)
        return 2
    print(json.dumps(report, indent=1) if arguments.json else tables(report))
    return 0


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of every window, by kind of sequence."""
    model = EmotionModel(model_path(arguments.model))
    clips = sorted(arguments.clips.glob('*.mkv'))
    if not clips and arguments.csv is None:
        raise InputError(f'no clips (*.mkv) in {arguments.clips}: name a folder with --clips, or '
                         'fer2013.csv with --csv')
    report: dict[str, Any] = {}
    if clips:
        people = [person for clip in clips for person in people_of(clip, model)]
        report[f'{len(clips)} clips'] = {name: figures(people, settings)
                                         for name, settings in WINDOWS.items()}
    if arguments.csv is not None:
        by_emotion = measured_images(arguments.csv, model)
        for hold in arguments.hold:
            changes = sequences(by_emotion, hold, arguments.repeats)
            report[f'{len(changes)} changes of emotion, hold {hold}'] = {
                name: figures(changes, settings) for name, settings in WINDOWS.items()}
    return report


def people_of(clip: Path, model: EmotionModel) -> list[Person]:
    """Return the measurements of everybody who is found in a clip."""
    finder = FaceFinder(HaarDetector(), DepthGate())
    measured: dict[str, list[np.ndarray]] = {}
    with VideoSource(clip) as video:
        for frame in iter(video.read, None):
            gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
            for face in finder.process(gray, frame.stamp or 0).faces:
                if face.detected:
                    pixels = face.pixels(model.input_size)
                    measured.setdefault(face.track_id, []).append(
                        model.predict(pixels[np.newaxis])[0])
    return [Person(np.array(rows)) for rows in measured.values()]


def measured_images(csv: Path, model: EmotionModel) -> list[np.ndarray]:
    """Return what the model says (N, 7) of the PublicTest images of each emotion."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.data.dataset import SIDE
    public = load_csv(csv).split('public')
    whole = Box(0, 0, SIDE, SIDE)
    said = model.predict(np.array([face_input(image, whole, whole, model.input_size)
                                   for image in public.images]))
    return [said[public.labels == emotion] for emotion in range(len(EMOTIONS))]


def sequences(by_emotion: Sequence[np.ndarray], hold: int, repeats: int) -> list[Person]:
    """Return sequences in which one emotion is shown and then another, of every pair."""
    rng = np.random.default_rng(0)
    found = []
    for pair in itertools.permutations(range(len(EMOTIONS)), 2):
        for _ in range(repeats):
            halves = [np.repeat(rng.choice(by_emotion[emotion], -(-SHOWN_FOR // hold)), hold,
                                axis=0)[:SHOWN_FOR] for emotion in pair]
            found.append(Person(np.concatenate(halves), np.repeat(pair, SHOWN_FOR)))
    return found


def answers_of(sequence: Person, settings: WindowSettings | None) -> np.ndarray:
    """Return the answer after each measurement, int (N,); -1 while there is none."""
    if settings is None:
        return sequence.probabilities.argmax(1)
    window, answers = ConfirmationWindow(settings), []
    for number, row in enumerate(sequence.probabilities.tolist()):
        stamp = round(number * NANOSECONDS / FRAME_RATE)
        window.add(stamp, row)
        confirmation = window.confirmation(stamp)
        answers.append(EMOTIONS.index(confirmation.emotion) if confirmation.confirmed else -1)
    return np.array(answers)


def figures(people: Sequence[Person], settings: WindowSettings | None) -> dict[str, float | None]:
    """Return the figures of a window over all sequences."""
    answers = [answers_of(person, settings) for person in people]
    frames = sum(map(len, answers))
    minutes = frames / FRAME_RATE / 60
    given = [answer[answer >= 0] for answer in answers]
    row: dict[str, float | None] = {
        'flips/min': round(sum(map(flips, answers)) / minutes, 1),
        'changes/min': round(sum(map(flips, given)) / minutes, 1),
        'answered': round(sum(map(len, given)) / frames, 3)}
    known = [(answer, person.shown) for answer, person in zip(answers, people)
             if person.shown is not None]
    return {**row, **truth_figures(known)} if known else row


def flips(answers: np.ndarray) -> int:
    """Return how often one answer differs from the one before."""
    return int((answers[1:] != answers[:-1]).sum())


def truth_figures(known: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[str, float | None]:
    """Return what can be said where the emotion shown (N,) of each answer (N,) is known."""
    wrong = [(answer >= 0) & (answer != shown) for answer, shown in known]
    delays: list[int] = []
    old: list[int] = []
    stray: list[int] = []
    for answer, shown in known:
        right = np.flatnonzero(answer[SHOWN_FOR:] == shown[SHOWN_FOR:])
        delays += [int(right[0])] if len(right) else []
        for start, length in wrong_runs(answer, shown):
            (old if start == SHOWN_FOR and answer[start] == shown[start - 1]
             else stray).append(length)
    return {'wrong': round(float(np.concatenate(wrong).mean()), 3),
            **spread('delay', delays), 'never': round(1 - len(delays) / len(known), 3),
            **spread('old stays', old), **spread('wrong stays', stray)}


def wrong_runs(answer: np.ndarray, shown: np.ndarray) -> list[tuple[int, int]]:
    """Return first frame and length of each run of one answer that is not what is shown."""
    new = (np.diff(answer, prepend=-2) != 0) | (np.diff(shown, prepend=shown[0]) != 0)
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(answer))
    return [(int(start), int(end - start)) for start, end in zip(starts, ends)
            if answer[start] not in (-1, shown[start])]


def spread(name: str, frames: Sequence[int]) -> dict[str, float | None]:
    """Return median and 95th percentile in ms, under names for a report; None of nothing."""
    return {f'{name} p{share}': round(float(np.percentile(frames, share)) * 1000 / FRAME_RATE)
            if frames else None for share in (50, 95)}


def tables(report: dict[str, Any]) -> str:
    """Return the report as text."""
    lines = []
    for title, rows in report.items():
        names = [name for name in next(iter(rows.values())) if not name.endswith(' p95')]
        lines += ['', title,
                  ' ' * 10 + ''.join(f'{name.removesuffix(" p50"):>12}' for name in names)]
        lines += [f'{window:<10}' + ''.join(f'{cell(row, name):>12}' for name in names)
                  for window, row in rows.items()]
    return '\n'.join(lines[1:])


def cell(row: dict[str, float | None], name: str) -> str:
    """Return a figure as text, a median together with its 95th percentile."""
    if name.endswith(' p50'):
        return f'{row[name]}/{row[name.replace("p50", "p95")]}'
    return str(row[name])


if __name__ == '__main__':
    sys.exit(main())
