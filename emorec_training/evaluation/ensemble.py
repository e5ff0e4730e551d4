# SPDX-License-Identifier: Apache-2.0
"""The mean prediction of several networks."""

from collections.abc import Sequence
import dataclasses
from pathlib import Path

from emorec_training.evaluation.predictor import open_predictor
from emorec_training.evaluation.predictor import Predictor
from emorec_training.evaluation.tta import with_views
from emorec_vision.errors import InputError
import numpy as np


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Networks of the same labels, whose probabilities are averaged.

    Attributes:
        members: the networks.

    Raises:
        InputError: if a member knows other labels than the first one.
    """

    members: tuple[Predictor, ...]

    def __post_init__(self) -> None:
        """Check the labels of the members."""
        for member in self.members[1:]:
            if sorted(member.labels) != sorted(self.labels):
                raise InputError(
                    f'{member.path} tells {", ".join(member.labels)} apart, but '
                    f'{self.members[0].path} {", ".join(self.labels)}; an ensemble needs the '
                    'same labels')

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the first member."""
        return self.members[0].labels

    def member_probabilities(self, images: np.ndarray, views: str = 'none') -> np.ndarray:
        """Return the probabilities of each member.

        Args:
            images: uint8 (N, 48, 48).
            views: test-time augmentation, one of tta.VIEWS.

        Returns:
            float64 (members, N, C), columns in the order of `labels`.

        Raises:
            InputError: if one of them is no number.
        """
        parts = []
        for member in self.members:
            columns = [member.labels.index(name) for name in self.labels]
            probabilities = with_views(member, views)(images)[:, columns].astype(np.float64)
            if not np.isfinite(probabilities).all():
                raise InputError(f'{member.path} answers what is no number; train or export it '
                                 'again')
            parts.append(probabilities)
        return np.stack(parts)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the mean probabilities for uint8 (N, 48, 48), float64 (N, C)."""
        return np.asarray(self.member_probabilities(images).mean(axis=0))


def open_ensemble(paths: Sequence[Path]) -> Ensemble:
    """Return the ensemble of these model files or run folders."""
    return Ensemble(tuple(open_predictor(path) for path in paths))
