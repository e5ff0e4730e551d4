# SPDX-License-Identifier: Apache-2.0
"""The score up to which a look counts as a known person, from the people who are enrolled."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import math
from statistics import NormalDist

import numpy as np

FALSE_ACCEPT = 0.01
"""Share of looks at strangers that may pass for somebody, unless another is asked for (0..1)."""
TRUST = 30.0
"""Own looks of strangers that weigh as much as those of a `StrangerPrior` do."""
LEAST_OTHERS = 2
"""People that must be left when one is taken out, or there is no margin to measure."""


@dataclass(frozen=True)
class StrangerPrior:
    """How far strangers elsewhere were.

    Of looks at s1-s20 of the AT&T (ORL) faces through the live crop, with 5 images of each person
    enrolled: `benchmarks/identity.py strangers`. The lower deviation is that of the normal
    distribution whose 1 % quantile is the measured one. A single person has no second-best, and
    scores are higher then.

    Attributes:
        scores: mean and lower deviation of strangers' scores, by the number of people enrolled.
        tail: the lower deviation as a multiple of the standard deviation.
    """

    scores: Mapping[int, tuple[float, float]]
    tail: float

    def of(self, people: int) -> tuple[float, float]:
        """Return mean and lower deviation, between the entries by the logarithm."""
        counts = sorted(self.scores)
        logs = np.log(counts)
        mean, deviation = (float(np.interp(math.log(people), logs,
                                           [self.scores[count][column] for count in counts]))
                           for column in (0, 1))
        return mean, deviation


LBPH_STRANGERS = StrangerPrior(
    {1: (75.6, 4.5), 2: (68.8, 8.3), 4: (68.3, 7.1), 8: (67.8, 5.1), 16: (66.9, 5.2)}, 1.2)
SFACE_STRANGERS = StrangerPrior(
    {1: (0.732, 0.101), 2: (0.701, 0.144), 4: (0.690, 0.106), 8: (0.675, 0.106),
     16: (0.646, 0.115)}, 1.2)
"""For a single person, of looks at other men in the clips, faces of 40 px, with one photo enrolled
(`benchmarks/identity_clips.py`): the nearest strangers that were measured. They are young men of
one camera, and nothing but the distance tells them apart. A stranger who stays is looked at again
and again, much alike each time, so 1 % is to mean 0.1 % of these looks: the deviation that was
measured, 0.076, is 3.09 / 2.33 times as large here."""


@dataclass(frozen=True)
class ThresholdCalibration:
    """The largest score of a known person, and what it was worked out from.

    Attributes:
        threshold: the score.
        false_accept: share of looks at strangers that may pass for somebody, 0..1.
        strangers: how many looks at them were measured.
        friends: how many looks at known people.
        true_accept: share of these that are recognised, NaN without any.
    """

    threshold: float
    false_accept: float
    strangers: int = 0
    friends: int = 0
    true_accept: float = math.nan


def calibrate(strangers: Sequence[float], friends: Sequence[float], people: int,
              false_accept: float,
              prior: StrangerPrior = LBPH_STRANGERS) -> ThresholdCalibration:
    """Return the threshold that lets a share of `false_accept` of strangers' looks pass.

    Strangers' scores are about normal below their mean. Mean and deviation are those of
    the prior at first; the more looks at the enrolled people's own images there are, each
    with its person taken out, the more these count.

    Args:
        strangers: scores of the enrolled people's images, each with its person taken out.
        friends: scores of images with only themselves taken out; infinite where the nearest
            was somebody else.
        people: how many are enrolled.
        false_accept: 0..1, both excluded.
        prior: of the recogniser that told the scores.
    """
    mean, deviation = prior.of(people)
    own = len(strangers)
    if own > 1:
        weight = own / (own + TRUST)
        mean += weight * (float(np.mean(strangers)) - mean)
        deviation += weight * (prior.tail * float(np.std(strangers)) - deviation)
    threshold = max(mean + NormalDist().inv_cdf(false_accept) * deviation, 0.0)
    accepted = float(np.mean(np.array(friends) <= threshold)) if len(friends) else math.nan
    return ThresholdCalibration(threshold, false_accept, own, len(friends), accepted)
