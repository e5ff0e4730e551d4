# SPDX-License-Identifier: Apache-2.0
"""How well people are told apart and strangers rejected: random splits of a set of images."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import math

from emorec_training.identity.simulated_tracks import simulate_track
from emorec_vision.identity.gallery import Nearest
from emorec_vision.identity.threshold import calibrate
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.identity.threshold import LBPH_STRANGERS
from emorec_vision.identity.threshold import LEAST_OTHERS
from emorec_vision.identity.threshold import StrangerPrior
import numpy as np

STRANGERS_SHARE = 0.25
"""Share of the people that are held out as strangers in a split."""

STRICT = 0.001
"""A second share of strangers' looks at which friends are counted."""

Look = Callable[[int, np.ndarray, np.ndarray], Nearest]
"""Says who is nearest to an image among enrolled images, given by indices, of labels."""


@dataclass
class Evaluation:
    """Figures of a recogniser, all shares 0..1, a value for each split.

    Attributes:
        closed_set_accuracy: of images whose nearest person is right, with everybody enrolled.
        true_accept: of friends' images that are recognised at the threshold where `FALSE_ACCEPT`
            of strangers' looks pass.
        calibrated_true_accept: the same, at the threshold that the enrolled images alone give.
        calibrated_false_accept: of strangers' looks that pass at that threshold.
        track_true_accept: of simulated tracks that carry the right name at their end.
        track_false_accept: of simulated tracks of strangers that carry a name at any time.
        confusion: counts of true and nearest person, int (P, P).
        friends: scores of all splits, infinite where another friend is nearer.
        strangers: scores of all splits.
        strict_true_accept: as true_accept, where `STRICT` of strangers' looks pass.
    """

    closed_set_accuracy: list[float] = field(default_factory=list)
    true_accept: list[float] = field(default_factory=list)
    calibrated_true_accept: list[float] = field(default_factory=list)
    calibrated_false_accept: list[float] = field(default_factory=list)
    track_true_accept: list[float] = field(default_factory=list)
    track_false_accept: list[float] = field(default_factory=list)
    confusion: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), int))
    friends: list[float] = field(default_factory=list)
    strangers: list[float] = field(default_factory=list)
    strict_true_accept: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class EnrolmentSplit:
    """The images of each person that are enrolled, and those that are looked at, by index."""

    enrolled: list[np.ndarray]
    probes: list[np.ndarray]

    def gallery(self, people: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return the enrolled images of people, and whose each is, int (N,) both."""
        chosen = [(person, self.enrolled[person]) for person in people]
        return (np.concatenate([images for _, images in chosen]),
                np.repeat([person for person, _ in chosen], [len(images) for _, images in chosen]))


def make_split(owners: np.ndarray, train_images: int, seed: Sequence[int]) -> EnrolmentSplit:
    """Return a random split.

    Args:
        owners: whose each image is, 0..P-1, int (N,).
        train_images: how many images of each person are enrolled.
    """
    random = np.random.default_rng(seed)
    shuffled = [random.permutation(np.flatnonzero(owners == person))
                for person in range(int(owners.max()) + 1)]
    return EnrolmentSplit([theirs[:train_images] for theirs in shuffled],
                          [theirs[train_images:] for theirs in shuffled])


def evaluate(look: Look, owners: np.ndarray, train_images: int, splits: int, seed: int,
             tick: Callable[[], object] = lambda: None, tracks: bool = True,
             prior: StrangerPrior = LBPH_STRANGERS) -> Evaluation:
    """Measure a recogniser.

    Args:
        look: the recogniser.
        owners: whose each image is, 0..P-1, int (N,); at least 4 people.
        train_images: how many images of each person are enrolled.
        tick: called after each split.
        tracks: whether to simulate tracks too.
        prior: of the recogniser's threshold.
    """
    count = int(owners.max()) + 1
    evaluation = Evaluation(confusion=np.zeros((count, count), int))
    for number in range(splits):
        split = make_split(owners, train_images, (seed, number))
        _measure_closed_set(evaluation, look, split)
        order = np.random.default_rng((seed, number, 1)).permutation(count)
        strangers = max(1, round(STRANGERS_SHARE * count))
        _measure_open_set(
            evaluation, look, split, sorted(order[strangers:]), sorted(order[:strangers]),
            np.random.default_rng((seed, number, 2)) if tracks else None, prior)
        tick()
    return evaluation


def _measure_closed_set(evaluation: Evaluation, look: Look, split: EnrolmentSplit) -> None:
    """Enrol everybody, and ask who is nearest to each other image."""
    enrolled, labels = split.gallery(range(len(split.enrolled)))
    answers = [(person, look(probe, enrolled, labels).label)
               for person, probes in enumerate(split.probes) for probe in probes]
    np.add.at(evaluation.confusion, tuple(np.transpose(answers)), 1)
    evaluation.closed_set_accuracy.append(_share(person == label for person, label in answers))


def _measure_open_set(evaluation: Evaluation, look: Look, split: EnrolmentSplit,
                      known: list[int], unknown: list[int],
                      random: np.random.Generator | None, prior: StrangerPrior) -> None:
    """Enrol some people, and look at them and at strangers; `random` simulates tracks."""
    enrolled, labels = split.gallery(known)
    friends = {person: [look(probe, enrolled, labels) for probe in split.probes[person]]
               for person in known}
    strangers = [[look(image, enrolled, labels) for image in
                  (*split.enrolled[person], *split.probes[person])] for person in unknown]
    theirs = np.array([found.score if found.label == person else math.inf
                       for person, looks in friends.items() for found in looks])
    others = np.array([found.score for looks in strangers for found in looks])
    threshold = _own_threshold(look, enrolled, labels, prior)
    evaluation.true_accept.append(_share(theirs <= np.quantile(others, FALSE_ACCEPT)))
    evaluation.strict_true_accept.append(_share(theirs <= np.quantile(others, STRICT)))
    evaluation.calibrated_true_accept.append(_share(theirs <= threshold))
    evaluation.calibrated_false_accept.append(_share(others <= threshold))
    evaluation.friends += theirs.tolist()
    evaluation.strangers += others.tolist()
    if random is not None:
        evaluation.track_true_accept.append(_share(
            simulate_track(looks, threshold, random).last == str(person)
            for person, looks in friends.items()))
        evaluation.track_false_accept.append(_share(
            bool(simulate_track(looks, threshold, random).carried) for looks in strangers))


def _own_threshold(look: Look, enrolled: np.ndarray, labels: np.ndarray,
                   prior: StrangerPrior) -> float:
    """Return the threshold that `emorec faces train` would calibrate."""
    people = len(np.unique(labels))
    scores = [look(image, enrolled[labels != label], labels[labels != label]).score
              for image, label in zip(enrolled, labels)] if people > LEAST_OTHERS else []
    return calibrate(scores, [], people, FALSE_ACCEPT, prior).threshold


def _share(answers: Iterable[bool]) -> float:
    """Return the share of true ones."""
    return float(np.mean(list(answers)))
