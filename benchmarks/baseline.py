#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Simulate people in front of a robot from labelled stills, read raw and against their own rest.

    .venv/bin/python benchmarks/baseline.py DIR [--model accurate] [--json]

DIR is a folder as `emorec emotions evaluate --per-person` reads it; people with a Neutral image
and another one count. Each still stands there in 16 views: box moved and scaled as a detector's
boxes are, light and noise varied, through the live crop. Frames come at 10 Hz and go through
EmotionModel.read and PersonRests. Printed, raw and adapted, as the mean over the seeds with the
lowest and the highest:
  talk         120 s: rest for 4 to 10 s, then another emotion for 1.5 to 4.5 s, in random order;
               frames after 20 s. non-neutral is the mean recall of the emotions.
  lasting      nothing but one emotion: share of the last 15 s that is read as it. kept is
               adapted over raw, which the rule wants at 0.95 at least.
  arrives      the first 10 s show one emotion, then talk follows: share of these 10 s.
  swap         two people talk for 60 s, then their tracks change faces; 30 s after it. The names
               follow the faces one second later, or there are none.
  name         a track gets its name after 20 s, another name for 2 s at 60 s, then its own again.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_training.data.faces.people_images import PeopleImages  # noqa: E402
from emorec_training.data.faces.people_images import read_people  # noqa: E402
from emorec_training.data.faces.photos import LARGEST_CROP  # noqa: E402
from emorec_training.data.folders import read_gray  # noqa: E402
from emorec_training.evaluation.metrics import expected_calibration_error  # noqa: E402
from emorec_vision.emotion.expression_space import ExpressionSpace  # noqa: E402
from emorec_vision.emotion.model import EmotionModel  # noqa: E402
from emorec_vision.emotion.model import model_path  # noqa: E402
from emorec_vision.emotion.person_rests import PersonRests  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
from emorec_vision.stamps import NANOSECONDS  # noqa: E402
import numpy as np  # noqa: E402

HZ = 10
VIEWS = 16
COUNTED_FROM = 20
"""Seconds of a talk before frames count."""
Person = Mapping[int, np.ndarray]
"""Rows of the stills of a person by label."""
Names = Mapping[str, str]
Timeline = Sequence[tuple[dict[str, int], Names]]
"""The still in each track, frame by frame, and the names of the tracks."""


@dataclass(frozen=True)
class Stills:
    """What a network says of the views of N stills.

    Attributes:
        labels: int64 (N,).
        people: those with a Neutral still and another one.
        probabilities: (N, VIEWS, C).
        coordinates: (N, VIEWS, D).
        space: of the network.
        names: of the C emotions.
    """

    labels: np.ndarray
    people: Sequence[Person]
    probabilities: np.ndarray
    coordinates: np.ndarray
    space: ExpressionSpace
    names: Sequence[str]


@dataclass(frozen=True)
class Answers:
    """Labels (F,) of frames, and the probabilities (F, C), raw and adapted."""

    labels: np.ndarray
    raw: np.ndarray
    adapted: np.ndarray


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path, metavar='DIR', help='labelled stills of people')
    parser.add_argument('--model', default='', help='.onnx file, or "accurate" '
                                                    '(default: the shipped model)')
    parser.add_argument('--subject', default='', metavar='REGEX',
                        help='as for "emorec emotions evaluate --per-person"')
    parser.add_argument('--detector', default='auto', choices=('auto', 'yunet', 'haar'))
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--lasting', type=int, nargs='+', default=[60, 600], metavar='S',
                        help='seconds of one emotion alone (default: 60 600)')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        model = EmotionModel(model_path(arguments.model))
        people = read_people(arguments.folder, model.labels, arguments.subject)
        stills = measured_stills(model, people, arguments.folder, arguments.detector)
    except InputError as error:
        print(f'baseline: {error}', file=sys.stderr)
        return 2
    runs = [figures(stills, seed, arguments.lasting) for seed in range(arguments.seeds)]
    report = {'model': str(model.path), 'data': arguments.folder.name,
              'people': len(stills.people), 'seeds': arguments.seeds,
              'figures': spread(runs)}
    print(json.dumps(report, indent=1) if arguments.json else table(report))
    return 0


def measured_stills(model: EmotionModel, people: PeopleImages, folder: Path,
                    detector: str) -> Stills:
    """Return what the model says of the views of each still.

    Raises:
        InputError: if the model describes no space, or nobody has a Neutral still and another.
    """
    if model.space is None:
        raise InputError(f'{model.path} does not say where expressions lie')
    neutral = model.space.neutral
    by_person = [
        {int(label): np.flatnonzero(mine & (people.labels == label))
         for label in np.unique(people.labels[mine])}
        for mine in (people.subjects == subject for subject in np.unique(people.subjects))]
    talking = [person for person in by_person if neutral in person and len(person) > 1]
    if not talking:
        raise InputError(f'{folder}: nobody has a Neutral image and one of another emotion')
    rng, finder = np.random.default_rng(1), open_detector(detector)
    probabilities, coordinates = [], []
    for source in people.sources:
        gray = read_gray(folder / source)
        box = Box(0, 0, gray.shape[1], gray.shape[0])
        if max(gray.shape) > LARGEST_CROP:
            box = max((face.box for face in finder.detect(gray)), key=lambda each: each.area,
                      default=box)
        answer, places = model.read(views(gray, box, model.input_size, rng))
        probabilities.append(answer.astype(np.float64))
        coordinates.append(places)
    return Stills(people.labels, talking, np.stack(probabilities), np.array(coordinates),
                  model.space, people.names)


def views(gray: np.ndarray, box: Box, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return VIEWS crops of a face, uint8 (VIEWS, size, size): the first one as it is found.

    In the others the box is 4 % larger or smaller and 2.5 % off its place, contrast changes by
    8 %, brightness by 6 and each pixel by 3 gray levels (standard deviations).
    """
    crops = []
    for number in range(VIEWS):
        image, place = gray.astype(np.float32), box
        if number:
            side = max(8, round(box.width * np.exp(rng.normal(0, 0.04))))
            x, y = rng.normal(0, 0.025, 2) * box.width
            place = Box(round(box.x + x + (box.width - side) / 2),
                        round(box.y + y + (box.height - side) / 2), side, side)
            image = (image - 128) * np.exp(rng.normal(0, 0.08)) + 128 + rng.normal(0, 6)
            image += rng.normal(0, 3, image.shape)
        whole = Box(0, 0, gray.shape[1], gray.shape[0])
        crops.append(face_input(np.clip(image, 0, 255).astype(np.uint8), whole, place, size))
    return np.stack(crops)


def talk(person: Person, neutral: int, seconds: float, rng: np.random.Generator) -> list[int]:
    """Return the still of each frame of a talk."""
    others = [label for label in person if label != neutral]
    frames: list[int] = []
    while len(frames) < seconds * HZ:
        for label, span in ((neutral, (4, 10)), (int(rng.choice(others)), (1.5, 4.5))):
            frames += [int(rng.choice(person[label]))] * int(float(rng.uniform(*span)) * HZ)
    return frames[:int(seconds * HZ)]


def play(stills: Stills, timeline: Timeline, rng: np.random.Generator,
         counted: slice = slice(None)) -> Answers:
    """Return the answers to a timeline through PersonRests, of the frames that count."""
    rests = PersonRests(stills.space)
    labels, raw, adapted = [], [], []
    for frame, (shown, names) in enumerate(timeline):
        view = int(rng.integers(VIEWS))
        answers = rests.read(
            frame * NANOSECONDS // HZ, names,
            {track: stills.probabilities[row, view] for track, row in shown.items()},
            {track: stills.coordinates[row, view] for track, row in shown.items()})
        labels.append([stills.labels[row] for row in shown.values()])
        raw.append([stills.probabilities[row, view] for row in shown.values()])
        adapted.append([answers[track].probabilities for track in shown])
    return Answers(np.concatenate(labels[counted]), np.concatenate(raw[counted]),
                   np.concatenate(adapted[counted]))


def figures(stills: Stills, seed: int, lasting: Sequence[int]) -> dict[str, tuple[float, float]]:
    """Return raw and adapted figures by their names."""
    neutral, rng = stills.space.neutral, np.random.default_rng(seed)
    after = slice(COUNTED_FROM * HZ, None)
    report = talk_figures('talk', stills, [
        play(stills, alone(talk(person, neutral, 120, rng)), rng, after)
        for person in stills.people])
    for label, name in enumerate(stills.names):
        shown = [person for person in stills.people if label in person and label != neutral]
        for seconds in lasting if shown else ():
            answers = [play(stills, alone([int(person[label][0])] * (seconds * HZ)), rng,
                            slice(-15 * HZ, None)) for person in shown]
            report[f'lasting {seconds} s, {name}'] = accuracy(joined(answers))
        if shown:
            arrivals = [alone([int(rng.choice(person[label]))] * (10 * HZ)) for person in shown]
            report[f'arrives, {name}'] = accuracy(joined(
                [play(stills, each, rng) for each in arrivals]))
    for name, named in (('swap with names', True), ('swap without names', False)):
        pairs = zip(stills.people, [*stills.people[1:], stills.people[0]])
        report |= talk_figures(name, stills, [
            play(stills, swap(pair, neutral, named, rng), rng, slice(60 * HZ, None))
            for pair in pairs])
    report |= talk_figures('name changes', stills, [
        play(stills, renamed(talk(person, neutral, 90, rng)), rng, slice(62 * HZ, None))
        for person in stills.people])
    return report


def alone(frames: Sequence[int]) -> Timeline:
    """Return the timeline of one unknown person."""
    return [({'a': row}, {'a': ''}) for row in frames]


def swap(pair: tuple[Person, Person], neutral: int, named: bool,
         rng: np.random.Generator) -> Timeline:
    """Return 90 s of two people whose tracks change faces at 60 s."""
    first, second = (talk(person, neutral, 90, rng) for person in pair)
    timeline = []
    for frame, rows in enumerate(zip(first, second)):
        turned = -1 if frame >= 60 * HZ else 1
        names = ('Ada', 'Ben')[::-1 if frame >= 61 * HZ else 1] if named else ('', '')
        timeline.append((dict(zip('ab', rows[::turned])), dict(zip('ab', names))))
    return timeline


def renamed(frames: Sequence[int]) -> Timeline:
    """Return the timeline of somebody whose name comes late, and is another one for a while."""
    def name(frame: int) -> str:
        if frame < 20 * HZ:
            return ''
        return 'Ben' if 60 * HZ <= frame < 62 * HZ else 'Ada'
    return [({'a': row}, {'a': name(frame)}) for frame, row in enumerate(frames)]


def joined(answers: Sequence[Answers]) -> Answers:
    """Return several streams as one."""
    return Answers(*(np.concatenate([getattr(each, part) for each in answers])
                     for part in ('labels', 'raw', 'adapted')))


def accuracy(answers: Answers) -> tuple[float, float]:
    """Return the share of frames that is right, raw and adapted."""
    return tuple(float((part.argmax(axis=1) == answers.labels).mean())  # type: ignore
                 for part in (answers.raw, answers.adapted))


def talk_figures(name: str, stills: Stills,
                 streams: Sequence[Answers]) -> dict[str, tuple[float, float]]:
    """Return the recall per emotion, of them all but Neutral, and the calibration error."""
    answers = joined(streams)
    recalls = {}
    for label in np.unique(answers.labels):
        of_it = answers.labels == label
        recalls[stills.names[label]] = accuracy(Answers(
            answers.labels[of_it], answers.raw[of_it], answers.adapted[of_it]))
    non_neutral = np.mean([pair for emotion, pair in recalls.items()
                           if emotion != stills.names[stills.space.neutral]], axis=0)
    errors = [expected_calibration_error(part, answers.labels)
              for part in (answers.raw, answers.adapted)]
    return {**{f'{name}, {emotion}': pair for emotion, pair in recalls.items()},
            f'{name}, non-neutral': (float(non_neutral[0]), float(non_neutral[1])),
            f'{name}, calibration error': (errors[0], errors[1])}


def spread(runs: Sequence[Mapping[str, tuple[float, float]]]) -> dict[str, Any]:
    """Return mean, least and most over the seeds of each figure, raw and adapted."""
    report: dict[str, Any] = {}
    for name in runs[0]:
        values = np.array([run[name] for run in runs])
        report[name] = {kind: {'mean': round(float(column.mean()), 4),
                               'low': round(float(column.min()), 4),
                               'high': round(float(column.max()), 4)}
                        for kind, column in zip(('raw', 'adapted'), values.T)}
        if name.startswith(('lasting', 'arrives')) and values[:, 0].mean() > 0:
            report[name]['kept'] = round(float(values[:, 1].mean() / values[:, 0].mean()), 3)
    return report


def table(report: Mapping[str, Any]) -> str:
    """Return the report as text."""
    lines = [f'{report["model"]}, {report["people"]} people of {report["data"]}, '
             f'{report["seeds"]} seeds', f'{"":<36}{"raw":>24}{"adapted":>24}    kept']
    for name, row in report['figures'].items():
        scale, digits = (1, 3) if name.endswith('error') else (100, 1)
        cells = (f'{part["mean"] * scale:.{digits}f} ({part["low"] * scale:.{digits}f} to '
                 f'{part["high"] * scale:.{digits}f})' for part in (row['raw'], row['adapted']))
        lines.append(f'{name:<36}' + ''.join(f'{cell:>24}' for cell in cells)
                     + (f'{row["kept"]:>8.3f}' if 'kept' in row else ''))
    return '\n'.join(lines)


if __name__ == '__main__':
    sys.exit(main())
