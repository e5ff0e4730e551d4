#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each step beyond plain LBPH brings, how far strangers are, and what a look costs.

The images are the AT&T (ORL) faces: a folder per person, ten images each. Five images of
each person are enrolled, the others are looked at; a quarter of the people are strangers in the
open set. Parameters were chosen on the first half of the people
(s1-s20), though the main variants had been compared on all 40.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import os
from pathlib import Path
from statistics import NormalDist
import sys
import time

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_training.identity.embedding_table import EmbeddingTable  # noqa: E402
from emorec_training.identity.evaluation import evaluate  # noqa: E402
from emorec_training.identity.evaluation import Evaluation  # noqa: E402
from emorec_training.identity.evaluation import Look  # noqa: E402
from emorec_training.identity.evaluation import make_split  # noqa: E402
from emorec_training.identity.image_set import image_set  # noqa: E402
from emorec_training.identity.look_table import LookTable  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.crop import FaceCrop  # noqa: E402
from emorec_vision.faces.crop import whole_face  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
from emorec_vision.identity import lbp as lbph  # noqa: E402
from emorec_vision.identity.gallery import Nearest  # noqa: E402
from emorec_vision.identity.recognizer import FACE_SIZE  # noqa: E402
from emorec_vision.identity.recognizer import train  # noqa: E402
from emorec_vision.identity.recognizer import TrainedRecognizer  # noqa: E402
from emorec_vision.identity.sface import train_sface  # noqa: E402
from emorec_vision.identity.tracks import TrackIdentities  # noqa: E402
from emorec_vision.people.folder import load_people  # noqa: E402
from emorec_vision.people.folder import People  # noqa: E402
from emorec_vision.people.model_content import content_of  # noqa: E402
import numpy as np  # noqa: E402

TRAIN = 5
PER_PERSON = 10


def main() -> int:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', choices=('steps', 'strangers', 'cost'))
    parser.add_argument('--orl', type=Path,
                        default=ROOT.parent / 'shared' / 'data' / 'identity' / 'orl')
    parser.add_argument('--splits', type=int, default=20)
    parser.add_argument('--recognizer', choices=('sface', 'lbph'), default='lbph',
                        help='for strangers and cost')
    parser.add_argument('--as', dest='forms', nargs='+', choices=('stored', 'crop'),
                        default=('stored', 'crop'))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        people = load_people(arguments.orl)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    people = People({name: people.images[name] for name in
                     sorted(people.names, key=lambda name: int(name[1:]))})
    if arguments.what == 'cost':
        print_cost(people, train_sface if arguments.recognizer == 'sface' else train)
    else:
        for form in arguments.forms:
            faces = faces_of(people, form)
            if arguments.what == 'strangers':
                known = faces[:20 * PER_PERSON]
                print_strangers(form, (EmbeddingTable(known) if arguments.recognizer == 'sface'
                                       else LookTable(known)).look)
            else:
                print_steps(form, faces, arguments.splits)
    return 0


def faces_of(people: People, form: str) -> list[np.ndarray]:
    """Return the faces of s1, s2 and so on, ten each, as stored or through the live crop."""
    detector = HaarDetector() if form == 'crop' else None
    ordered = People({f'{number:03}': people.images[name]
                      for number, name in enumerate(people.images)})
    return image_set(ordered, TRAIN, detector).images


def print_steps(form: str, faces: list[np.ndarray], splits: int) -> None:
    """Print a line per step: closed-set accuracy / true-accept at 1 % false-accept, %."""
    half = len(faces) // 2
    parts = {'all': (0, len(faces)), 's1-s20': (0, half), 's21-s40': (half, len(faces))}
    print(f'{form}: closed set / true-accept at 1 % false-accept, %, {splits} splits\n'
          f'{"":44}' + ''.join(f'{name:>25}' for name in parts))
    for name, look in steps(faces):
        cells = []
        for start, end in parts.values():
            figures = evaluate(shifted(look, start), np.arange(end - start) // PER_PERSON, TRAIN,
                               splits, 0, tracks=name.startswith('+ margin'))
            cells.append(f'{spread(figures.closed_set_accuracy)} / {spread(figures.true_accept)}')
        print(f'{name:44}' + ''.join(f'{cell:>25}' for cell in cells), flush=True)
        if figures.track_true_accept:
            print_tracks(shifted(look, 0), len(faces), splits)


def print_tracks(look: Look, count: int, splits: int) -> None:
    """Print what the calibrated threshold does, per look and per track."""
    figures: Evaluation = evaluate(look, np.arange(count) // PER_PERSON, TRAIN, splits, 0)
    print(f'calibrated, per look: true-accept {spread(figures.calibrated_true_accept)}, '
          f'false-accept {spread(figures.calibrated_false_accept)}')
    print(f'+ agreement over looks, per track: true-accept {spread(figures.track_true_accept)}, '
          f'false-accept {spread(figures.track_false_accept)}', flush=True)


def spread(values: list[float]) -> str:
    """Return mean and standard deviation over splits, in %."""
    return f'{100 * np.mean(values):.1f}+-{100 * np.std(values):.1f}'


def shifted(look: Look, start: int) -> Look:
    """Return the same look for indices that count from `start`."""
    return lambda image, enrolled, labels: look(image + start, enrolled + start, labels)


def steps(faces: list[np.ndarray]) -> list[tuple[str, Look]]:
    """Return name and look of each step."""
    whole = [face_input(face, Box(0, 0, *face.shape[::-1]), Box(0, 0, *face.shape[::-1]), 100)
             for face in faces]
    lit = [lbph.evenly_lit(face) for face in faces]
    middles = [lbph.middle_window(face) for face in lit]
    plain = distances(whole, whole, 1, 8, 8)
    even = distances(lit, lit, 1, 8, 8)
    wide = distances(middles, middles, lbph.RADIUS, lbph.NEIGHBORS, lbph.GRID)
    mirrored = np.minimum(wide, distances(
        middles, [np.ascontiguousarray(window[:, ::-1]) for window in middles],
        lbph.RADIUS, lbph.NEIGHBORS, lbph.GRID))
    table = LookTable(faces)
    return [('plain LBPH (radius 1, 8 points, 8x8)', by_distance(plain)),
            ('+ Tan-Triggs', by_distance(even)),
            ('+ radius 2, 6 points, without the rim', by_distance(wide)),
            ('+ mirrored enrolment', by_distance(mirrored)),
            ('+ probe shifts', lambda *asked: without_margin(table.look(*asked))),
            ('+ margin to the second-best (2 d1 - d2)', table.look)]


def distances(probes: list[np.ndarray], templates: list[np.ndarray], radius: int, points: int,
              grid: int) -> np.ndarray:
    """Return what OpenCV's recogniser says of each probe and template."""
    recognizer = cv2.face.LBPHFaceRecognizer_create(radius, points, grid, grid)
    recognizer.train(templates, np.arange(len(templates), dtype=np.int32))
    rows = []
    for probe in probes:
        collector = cv2.face.StandardCollector_create()
        recognizer.predict_collect(probe, collector)
        rows.append([distance for _, distance in collector.getResults(False)])
    return np.array(rows)


def by_distance(table: np.ndarray) -> Look:
    """Return a look that takes the nearest image, without a margin."""
    def look(image: int, enrolled: np.ndarray, labels: np.ndarray) -> Nearest:
        theirs = table[image, enrolled]
        return Nearest(int(labels[theirs.argmin()]), float(theirs.min()), float('nan'))
    return look


def without_margin(found: Nearest) -> Nearest:
    """Return the same without the second-best."""
    return Nearest(found.label, found.distance, float('nan'))


def print_strangers(form: str, look: Look) -> None:
    """Print mean and deviation of the scores of s1-s20 as strangers, by the people enrolled."""
    for people in (1, 2, 4, 8, 16):
        scores: list[float] = []
        for number in range(40):
            order = np.random.default_rng((people, number)).permutation(20)
            split = make_split(np.arange(20 * PER_PERSON) // PER_PERSON, TRAIN, (0, number))
            enrolled = np.concatenate([split.enrolled[person] for person in order[:people]])
            labels = np.repeat(order[:people], TRAIN)
            image = number % PER_PERSON
            scores += [look(PER_PERSON * person + image, enrolled, labels).score
                       for person in order[people:]]
        found = np.quantile(scores, (0.001, 0.01, 0.05, 0.5))
        lower = (np.mean(scores) - found[1]) / -NormalDist().inv_cdf(0.01)
        print(f'{form}: {people:2} people enrolled: mean {np.mean(scores):.3g}, deviation '
              f'{np.std(scores):.3g}, lower {lower:.3g}, quantiles 0.1, 1, 5, 50 %: '
              + ', '.join(f'{value:.3g}' for value in found))


def print_cost(people: People, learn: Callable[[dict[str, list[np.ndarray]]],
                                               TrainedRecognizer]) -> None:
    """Print CPU time of a look and size of the model, ten people with 20 templates each."""
    ten = {name: people.images[name] for name in list(people.images)[:10]}
    recognizer = learn(ten)
    faces = [cv2.resize(images[0], (FACE_SIZE, FACE_SIZE))
             for images in people.images.values()]
    times = sorted(cpu_ms(lambda: recognizer.look(whole_face(face)))
                   for face in faces for _ in range(5))
    size = len(content_of(recognizer)) / 1e6
    print(f'templates {sum(recognizer.template_counts)}, a look: median '
          f'{times[len(times) // 2]:.2f} ms, 95 % below {times[len(times) * 95 // 100]:.2f} ms of '
          f'CPU, model file {size:.1f} MB')
    box = Box(0, 0, FACE_SIZE, FACE_SIZE)
    tracks = TrackIdentities(recognizer)
    crops = [FaceCrop(f't{index}', face, box, box, True) for index, face in enumerate(faces[:10])]
    updates = sorted(cpu_ms(lambda: tracks.update('', crops)) for _ in range(300))
    print(f'ten faces, all new, 300 frames: median {updates[150]:.2f} ms, 95 % below '
          f'{updates[285]:.2f} ms, most {updates[-1]:.2f} ms of CPU per frame')


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the CPU time that some work takes in this thread, ms."""
    start = time.thread_time()
    work()
    return 1e3 * (time.thread_time() - start)


if __name__ == '__main__':
    sys.exit(main())
