# SPDX-License-Identifier: Apache-2.0
"""Measures what a network reads right when each face is read against the same person."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emorec_training.data.faces.people_images import PeopleImages
from emorec_training.evaluation import metrics
from emorec_training.evaluation.evaluate import full_metrics
from emorec_training.evaluation.figures import plot_confusion
from emorec_training.evaluation.figures import plot_reliability
from emorec_vision.emotion.expression_space import ExpressionSpace
from emorec_vision.emotion.expression_space import UNLABELLED
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotions import NEUTRAL
from emorec_vision.errors import InputError
from emorec_vision.files.access import write_json
import numpy as np

Figures = dict[str, Any]

DRAWS = 10
"""Choices of the one labelled image per emotion and person from which expressions are learnt."""
RESAMPLES = 2000
BATCH = 256


@dataclass(frozen=True)
class Reading:
    """Answers to images of people.

    Attributes:
        name: how the images were read.
        rows: int64 (N,), which images; one may stand there several times.
        probabilities: float64 (N, C).
        notes: what else a reader of the figures must know.
    """

    name: str
    rows: np.ndarray
    probabilities: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """What a network says of images of people.

    Attributes:
        people: the images.
        space: of the network.
        probabilities: (N, C), of the network alone.
        coordinates: (N, D), in the space.
    """

    people: PeopleImages
    space: ExpressionSpace
    probabilities: np.ndarray
    coordinates: np.ndarray

    def by_person(self) -> Iterator[np.ndarray]:
        """Return which images show each person, int64."""
        for subject in np.unique(self.people.subjects):
            yield np.flatnonzero(self.people.subjects == subject)


def evaluate_per_person(model: EmotionModel, people: PeopleImages) -> Figures:
    """Measure a network on images of people: raw, and adapted in three ways.

    Args:
        model: the network.
        people: the images, with labels that the network has.

    Returns:
        'data', 'model', 'labels'; 'people' maps each person to the images per emotion; 'photos',
        'left_out' and 'without_face' as in PeopleImages; 'readings', one after the other what
        `full_metrics` returns of it, with the 'interval' by resampling people, and: 'reading',
        'raw_accuracy' and 'raw_calibration_error' of the network alone on the same images,
        'chance_calibration_error' as metrics returns it, 'notes'.

    Raises:
        InputError: if the model describes no space of expressions.
    """
    if model.space is None:
        raise InputError(f'{model.path} does not say where expressions lie, without which no face '
                         'is read against the same person; "emorec emotions expressions FILE '
                         'fer2013.csv" adds that')
    parts = [model.read(part) for part in np.array_split(
        people.images, -(-len(people.images) // BATCH))]
    measured = Measured(
        people, model.space, np.concatenate([answer for answer, _ in parts]).astype(np.float64),
        np.concatenate([place for _, place in parts if place is not None]))
    readings = [reading for read in (raw, unlabelled, rest_known, learnt)
                if len((reading := read(measured)).rows)]
    return {
        'data': people.name, 'model': str(model.path), 'labels': list(people.names),
        'people': {str(subject): {
            name: int(((people.subjects == subject) & (people.labels == index)).sum())
            for index, name in enumerate(people.names)} for subject in np.unique(people.subjects)},
        'photos': people.photos, 'left_out': people.left_out, 'without_face': people.without_face,
        'readings': [_figures(measured, reading) for reading in readings]}


def raw(measured: Measured) -> Reading:
    """Return what the network alone says."""
    return Reading('raw', np.arange(len(measured.probabilities)), measured.probabilities)


def unlabelled(measured: Measured) -> Reading:
    """Read each image against the person's rest, judged by all of their images without labels."""
    answer = np.zeros_like(measured.probabilities)
    for rows in measured.by_person():
        own = measured.coordinates[rows]
        answer[rows] = np.exp(measured.space.log_probabilities(
            own - measured.space.unlabelled_rest(own), within=UNLABELLED))
    return Reading('without labels', np.arange(len(answer)), answer)


def rest_known(measured: Measured) -> Reading:
    """Read each image against the mean of the person's other Neutral images, where there are any.

    Nothing is returned of people without one.
    """
    people, read, answers, all_of_them = measured.people, [], [], []
    neutral = people.labels == measured.space.neutral
    first = people.first_copies()
    copies = 0
    for rows in measured.by_person():
        known = measured.coordinates[rows[neutral[rows]]]
        for row in rows:
            others = rows[neutral[rows] & (rows != row)]
            if len(others):
                rest = measured.coordinates[others].mean(axis=0)
                answers.append(_against(measured, row, rest))
                all_of_them.append((row, _against(measured, row, known.mean(axis=0))))
                read.append(row)
                copies += bool(neutral[row]) and bool((first[others] == first[row]).all())
    notes = []
    if copies:
        notes.append(f'{copies} of the {NEUTRAL} images are copies of the one that they are read '
                     'against, and so always right')
    if read:
        hits = [answer.argmax() == people.labels[row] for row, answer in all_of_them]
        notes.append(f'{np.mean(hits):.1%} against the mean of all {NEUTRAL} images of the '
                     'person, those that are read among them')
    return Reading('rest known', np.array(read, np.int64), np.array(answers), tuple(notes))


def learnt(measured: Measured) -> Reading:
    """Learn one labelled image per emotion and person, and read the others; DRAWS times.

    They are of other sequences where the person has two of an emotion; else of the same one,
    which flatters. Emotions with a single image of a person are neither learnt nor read, nor is
    anybody with fewer than two others.
    """
    rng = np.random.default_rng(0)
    read: list[int] = []
    answers: list[np.ndarray] = []
    flattering = 0
    for _ in range(DRAWS):
        for rows in measured.by_person():
            known, others, alike = _split(measured.people, rows, rng)
            if len(known) < 2:
                continue
            flattering += alike
            classes, places = measured.people.labels[known], measured.coordinates[known]
            rest = measured.space.labelled_rest(places, classes)
            own = measured.space.shrunk_expressions(places - rest, classes)
            answers += [_against(measured, row, rest, own) for row in others]
            read += others.tolist()
    notes = ((f'{flattering / len(read):.0%} of the images that are read are frames of the '
              'sequence that was learnt from, nearly the same image: flattering',)
             if flattering else ())
    return Reading('expressions learnt', np.array(read, np.int64), np.array(answers), notes)


def write_per_person(figures: Figures, folder: Path) -> None:
    """Write per_person.json, and a confusion matrix and reliability diagram of each reading."""
    write_json(folder / 'per_person.json', figures)
    for part in figures['readings']:
        name = part['reading'].replace(' ', '_')
        about = f'{Path(figures["model"]).name} on {figures["data"]}, {part["reading"]}'
        plot_confusion(np.array(part['confusion']), figures['labels'], about,
                       folder / f'confusion_{name}.png')
        plot_reliability(part['reliability'], part['calibration_error'], about,
                         folder / f'reliability_{name}.png')


def _against(measured: Measured, row: int, rest: np.ndarray,
             own: np.ndarray | None = None) -> np.ndarray:
    """Return the probabilities, (C,), of an image of a person whose rest is known."""
    offset = measured.coordinates[row] - rest
    return np.asarray(np.exp(measured.space.log_probabilities(offset[None], own)[0]))


def _split(people: PeopleImages, rows: np.ndarray,
           rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the images of a person to learn from and to read, and how many of these flatter."""
    known, others, alike = [], [], 0
    for label in np.unique(people.labels[rows]):
        of_it = rows[people.labels[rows] == label]
        if len(of_it) < 2:
            continue
        chosen = rng.choice(of_it)
        apart = of_it[people.sequences[of_it] != people.sequences[chosen]]
        alike += 0 if len(apart) else len(of_it) - 1
        known.append(chosen)
        others += (apart if len(apart) else of_it[of_it != chosen]).tolist()
    return np.array(known, np.int64), np.array(others, np.int64), alike


def _figures(measured: Measured, reading: Reading) -> Figures:
    people, rows = measured.people, reading.rows
    labels = people.labels[rows]
    hits = reading.probabilities.argmax(axis=1) == labels
    raw_hits = measured.probabilities[rows].argmax(axis=1) == labels
    return {
        **full_metrics(reading.probabilities, labels, people.names), 'reading': reading.name,
        'interval': interval_over_people(hits, people.subjects[rows]),
        'raw_accuracy': float(raw_hits.mean()),
        'raw_calibration_error': metrics.expected_calibration_error(
            measured.probabilities[rows], labels),
        'chance_calibration_error': metrics.chance_calibration_error(reading.probabilities),
        'notes': list(reading.notes)}


def interval_over_people(hits: np.ndarray, subjects: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of the share of hits, by resampling whole people (Efron 1979).

    Args:
        hits: bool (N,).
        subjects: (N,), whose image each is.
    """
    names, index = np.unique(subjects, return_inverse=True)
    right, all_of = np.bincount(index, hits), np.bincount(index)
    drawn = np.random.default_rng(0).integers(0, len(names), (RESAMPLES, len(names)))
    shares = right[drawn].sum(axis=1) / all_of[drawn].sum(axis=1)
    low, high = np.percentile(shares, (2.5, 97.5))
    return float(low), float(high)
