# SPDX-License-Identifier: Apache-2.0
"""The nearest person among templates: fast and roughly for all, exactly for the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import math

from emorec_vision.identity.lbp import chi_square_pairs
import numpy as np

SHORTLIST = 5
"""People that are compared exactly: templates are taken from the nearest on, by the fast measure,
until it is a sixth person's turn."""
TRIES = 3
"""Templates of each of them that are compared with the best window, at most."""


@dataclass(frozen=True)
class Nearest:
    """The nearest person among templates.

    Attributes:
        label: of the person.
        distance: chi-square, lower is nearer.
        second_distance: that of the nearest other person, NaN without one.
    """

    label: int
    distance: float
    second_distance: float

    @property
    def score(self) -> float:
        """Return what decides, as `margin_score`."""
        return margin_score(self.distance, self.second_distance)


class Gallery:
    """Compare the windows of a face with templates.

    The fast measure is the Hellinger affinity, the sum of sqrt(a b): one matrix product for all
    windows and templates. On ORL its correlation with chi-square is -0.996.

    Args:
        histograms: float32 (T, D).
        labels: whose they are, (T,).
    """

    def __init__(self, histograms: np.ndarray, labels: np.ndarray) -> None:
        """Keep the histograms, and their roots for the fast measure."""
        self.labels = labels
        self._histograms = histograms
        self._roots = np.ascontiguousarray(np.sqrt(histograms).T)

    def nearest(self, windows: np.ndarray, without: np.ndarray | None = None) -> Nearest:
        """Return the nearest person.

        Args:
            windows: float32 (W, D).
            without: marks templates that are left out, bool (T,); some must remain.
        """
        labels = self.labels if without is None else np.where(without, -1, self.labels)
        affinity = np.sqrt(windows) @ self._roots
        best = affinity.argmax(0)

        def exact(templates: np.ndarray) -> np.ndarray:
            """Compare templates with the window that is most like each."""
            return chi_square_pairs(windows[best[templates]], self._histograms[templates])
        return nearest(affinity.max(0), labels, exact)


def nearest(affinity: np.ndarray, labels: np.ndarray,
            exact: Callable[[np.ndarray], np.ndarray]) -> Nearest:
    """Return the nearest person by the exact distances of the best templates.

    Args:
        affinity: of each template with the window that is most like it, (T,).
        labels: (T,), negative for templates that are left out.
        exact: tells the distances, float32 (N,), of templates, given by N indices.
    """
    order = np.argsort(-affinity)
    tried: dict[int, list[int]] = {}
    for template in order[labels[order] >= 0]:
        person = int(labels[template])
        if person not in tried and len(tried) == SHORTLIST:
            break
        of_person = tried.setdefault(person, [])
        if len(of_person) < TRIES:
            of_person.append(int(template))
    templates = np.array([template for chosen in tried.values() for template in chosen])
    distances = exact(templates)
    persons = labels[templates]
    first = int(distances.argmin())
    others = distances[persons != persons[first]]
    return Nearest(int(persons[first]), float(distances[first]),
                   float(others.min()) if len(others) else math.nan)


def margin_score(distance: float, second_distance: float) -> float:
    """Return the distance less the margin to the second-best person: twice d1 - 0.5 d2.

    A stranger is about as far from two people, which leaves the distance; so does NaN, which
    stands for no second person.
    """
    if math.isnan(second_distance):
        return distance
    return 2.0 * distance - second_distance
