# SPDX-License-Identifier: Apache-2.0
"""How well people are told apart and strangers rejected: random splits of an image set."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import math

from emorec_training.identity.simulated_tracks import simulate_track
from emorec_training.identity.simulated_tracks import Track
from emorec_vision.identity.gallery import Nearest
from emorec_vision.identity.threshold import calibrate
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.identity.threshold import LEAST_OTHERS
import numpy as np

STRANGERS_SHARE = 0.25
"""Share of the people that are held out as strangers in a split."""

Look = Callable[[int, np.ndarray, np.ndarray], Nearest]
"""Says who is nearest to an image among enrolled images, given by indices, of labels."""


@dataclass
class Evaluation:
    """Hold the figures of all splits, a value for each.

    closed: share of images whose nearest person is right. true_accept: share of friends'
    images that are recognised at the threshold where `FALSE_ACCEPT` of strangers' looks pass.
    calibrated_*: the same, and strangers' looks that pass, at the threshold from the enrolled
    images alone. track_*: shares of simulated tracks that carry the right name at their end, or
    any name at any time. confusion: counts (P, P). friends, strangers: scores of all splits,
    infinite where another friend is nearer.
    """

    closed: list[float] = field(default_factory=list)
    true_accept: list[float] = field(default_factory=list)
    calibrated_true_accept: list[float] = field(default_factory=list)
    calibrated_false_accept: list[float] = field(default_factory=list)
    track_true_accept: list[float] = field(default_factory=list)
    track_false_accept: list[float] = field(default_factory=list)
    confusion: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), int))
    friends: list[float] = field(default_factory=list)
    strangers: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Split:
    """Hold which images of each person are enrolled and which are looked at, by index."""

    enrolled: list[np.ndarray]
    probes: list[np.ndarray]


def make_split(people: np.ndarray, train_images: int, seed: Sequence[int]) -> Split:
    """Return a random split; people: whose each image is, 0..P-1."""
    random = np.random.default_rng(seed)
    shuffled = [random.permutation(np.flatnonzero(people == person))
                for person in range(int(people.max()) + 1)]
    return Split([theirs[:train_images] for theirs in shuffled],
                 [theirs[train_images:] for theirs in shuffled])


def evaluate(look: Look, people: np.ndarray, train_images: int, splits: int, seed: int,
             tick: Callable[[], object] = lambda: None, tracks: bool = True) -> Evaluation:
    """Measure a recogniser.

    Args:
        look: the recogniser.
        people: whose each image is, 0..P-1, with at least 4 people.
        train_images: how many images of each person are enrolled.
        tick: called after each split.
    """
    count = int(people.max()) + 1
    evaluation = Evaluation(confusion=np.zeros((count, count), int))
    for number in range(splits):
        split = make_split(people, train_images, (seed, number))
        _closed_set(evaluation, look, split)
        order = np.random.default_rng((seed, number, 1)).permutation(count)
        strangers = max(1, round(STRANGERS_SHARE * count))
        _open_set(evaluation, look, split, sorted(order[strangers:]), sorted(order[:strangers]),
                  (seed, number), tracks)
        tick()
    return evaluation


def _closed_set(evaluation: Evaluation, look: Look, split: Split) -> None:
    """Enrol everybody, and ask who is nearest to each other image."""
    enrolled, labels = _gallery(split, range(len(split.enrolled)))
    answers = [(person, look(probe, enrolled, labels).label)
               for person, probes in enumerate(split.probes) for probe in probes]
    np.add.at(evaluation.confusion, tuple(np.transpose(answers)), 1)
    evaluation.closed.append(float(np.mean([person == label for person, label in answers])))


def _open_set(evaluation: Evaluation, look: Look, split: Split, known: list[int],
              unknown: list[int], seed: tuple[int, int], tracks: bool) -> None:
    """Enrol some people, and look at them and at strangers."""
    enrolled, labels = _gallery(split, known)
    friends = {person: [look(probe, enrolled, labels) for probe in split.probes[person]]
               for person in known}
    strangers = {person: [look(image, enrolled, labels) for image in
                          (*split.enrolled[person], *split.probes[person])]
                 for person in unknown}
    theirs = np.array([found.score if found.label == person else math.inf
                       for person, looks in friends.items() for found in looks])
    others = np.array([found.score for looks in strangers.values() for found in looks])
    evaluation.true_accept.append(
        float(np.mean(theirs <= np.quantile(others, FALSE_ACCEPT))))
    threshold = own_threshold(look, enrolled, labels)
    evaluation.calibrated_true_accept.append(float(np.mean(theirs <= threshold)))
    evaluation.calibrated_false_accept.append(float(np.mean(others <= threshold)))
    evaluation.friends += theirs.tolist()
    evaluation.strangers += others.tolist()
    if tracks:
        random = np.random.default_rng((*seed, 2))
        ends = [simulate_track(looks, threshold, random).last == str(person)
                for person, looks in friends.items()]
        names: list[Track] = [simulate_track(looks, threshold, random)
                              for looks in strangers.values()]
        evaluation.track_true_accept.append(float(np.mean(ends)))
        evaluation.track_false_accept.append(float(np.mean([bool(each.names) for each in names])))


def own_threshold(look: Look, enrolled: np.ndarray, labels: np.ndarray) -> float:
    """Return the threshold that `emorec faces train` would calibrate."""
    people = len(np.unique(labels))
    scores = [look(image, enrolled[labels != label], labels[labels != label]).score
              for image, label in zip(enrolled, labels)] if people > LEAST_OTHERS else []
    return calibrate(scores, [], people, FALSE_ACCEPT).threshold


def _gallery(split: Split, people: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the enrolled images of people and whose they are."""
    return (np.concatenate([split.enrolled[person] for person in people]),
            np.concatenate([np.full(len(split.enrolled[person]), person) for person in people]))
