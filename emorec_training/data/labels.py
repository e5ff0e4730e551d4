# SPDX-License-Identifier: Apache-2.0
"""Which labels are learnt and measured: FER2013's own or FER+'s, all of them or some."""

import dataclasses

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import Split
from emorec_training.data.dataset import SPLITS
from emorec_training.data.ferplus import FERPLUS_NAMES
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np

SCHEMES: tuple[str, ...] = ('fer2013', 'ferplus', 'ferplus-soft')


@dataclasses.dataclass
class LabelChoice:
    """Which labels the images get, and which of them are kept.

    Attributes:
        scheme: 'fer2013' for the label in the csv; 'ferplus' for the label with most votes,
            without images where that is a tie, unknown, not a face or a class left out;
            'ferplus-soft' for the same images with the shares of the votes for `classes` as
            targets.
        classes: the labels kept; None for the seven emotions.
        votes: of FER+, uint8 (rows of the csv, 10).

    Raises:
        InputError: if a class is unknown or named twice, or votes are missing.
    """

    scheme: str = 'fer2013'
    classes: tuple[str, ...] | None = None
    votes: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Check classes and votes."""
        known = EMOTIONS if self.scheme == 'fer2013' else FERPLUS_NAMES
        for name in self.names:
            if name not in known:
                raise InputError(f'--classes: {name!r} is none of {", ".join(known)}')
        if len(self.names) != len(set(self.names)) or len(self.names) < 2:
            raise InputError('--classes: name at least two different classes')
        if self.scheme != 'fer2013' and self.votes is None:
            raise InputError(f'--labels {self.scheme} needs the votes: --ferplus fer2013new.csv')

    @property
    def names(self) -> tuple[str, ...]:
        """The labels, in the order of a network's outputs."""
        return EMOTIONS if self.classes is None else self.classes

    def split(self, data: Dataset, name: str) -> Split:
        """Return the images of one split that have such a label.

        Args:
            data: the csv.
            name: 'training', 'public' or 'private'.

        Raises:
            InputError: if there are none.
        """
        whole = data.split(name)
        columns = np.array([FERPLUS_NAMES.index(label) for label in self.names])
        if self.scheme == 'fer2013' or self.votes is None:
            label_of = np.full(len(EMOTIONS), -1)
            label_of[columns] = np.arange(len(columns))
            labels, targets = label_of[whole.labels], np.eye(len(columns))[label_of[whole.labels]]
        else:
            labels, targets = self._voted(self.votes[whole.rows].astype(np.float64), columns)
        kept = labels >= 0
        if not kept.any():
            raise InputError(f'no image with Usage {SPLITS[name]} has one of the labels '
                             f'{", ".join(self.names)}')
        return Split(whole.images[kept], labels[kept].astype(np.int64), whole.rows[kept],
                     self.names, targets[kept].astype(np.float32), self.scheme)

    def _voted(self, votes: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return labels (N,), -1 where none, and targets (N, C), of votes (N, 10)."""
        chosen = votes[:, columns]
        is_clear = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) == 1
        is_kept = is_clear & (chosen.max(axis=1) == votes.max(axis=1))
        labels = np.where(is_kept, chosen.argmax(axis=1), -1)
        if self.scheme == 'ferplus':
            return labels, np.eye(len(columns))[labels]
        return labels, chosen / np.maximum(chosen.sum(axis=1, keepdims=True), 1)
