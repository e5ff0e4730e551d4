# SPDX-License-Identifier: Apache-2.0
"""Several networks that answer together."""

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
    """Networks that tell the same labels apart; called, it gives their mean probabilities.

    Raise InputError where a member knows other labels than the first one.
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

    def answers(self, images: np.ndarray, views: str = 'none') -> np.ndarray:
        """Return each member's probabilities for uint8 (N, 48, 48), float64 (members, N, C).

        Columns are in the order of `labels`; `views` is one of tta.VIEWS.
        """
        answers = []
        for member in self.members:
            columns = [member.labels.index(name) for name in self.labels]
            found = with_views(member, views)(images)[:, columns].astype(np.float64)
            if not np.isfinite(found).all():
                raise InputError(f'{member.path} answers what is no number; train or export it '
                                 'again')
            answers.append(found)
        return np.stack(answers)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the mean probabilities for uint8 (N, 48, 48), float64 (N, C)."""
        return np.asarray(self.answers(images).mean(axis=0))


def open_ensemble(paths: Sequence[Path]) -> Ensemble:
    """Return the ensemble of these model files or run folders."""
    return Ensemble(tuple(open_predictor(path) for path in paths))
