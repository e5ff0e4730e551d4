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
    """A scheme, the classes kept, and the votes of FER+, uint8 (rows of the csv, 10).

    'fer2013': the label in the csv. 'ferplus': the label with most votes; images where that
    is a tie, unknown, not a face or a class left out are dropped. 'ferplus-soft': the same
    images, with the shares of the votes for `classes` as targets.
    """

    scheme: str = 'fer2013'
    classes: tuple[str, ...] | None = None
    votes: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Raise InputError where a class is unknown, named twice, or votes are missing."""
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
        """Return the images of 'training', 'public' or 'private' that have such a label."""
        whole = data.split(name)
        places = np.array([FERPLUS_NAMES.index(label) for label in self.names])
        if self.scheme == 'fer2013' or self.votes is None:
            label_of = np.full(len(EMOTIONS), -1)
            label_of[places] = np.arange(len(places))
            labels, targets = label_of[whole.labels], np.eye(len(places))[label_of[whole.labels]]
        else:
            labels, targets = self._voted(self.votes[whole.rows].astype(np.float64), places)
        kept = labels >= 0
        if not kept.any():
            raise InputError(f'no image with Usage {SPLITS[name]} has one of the labels '
                             f'{", ".join(self.names)}')
        return Split(whole.images[kept], labels[kept].astype(np.int64), whole.rows[kept],
                     self.names, targets[kept].astype(np.float32), self.scheme)

    def _voted(self, votes: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return labels (N,), -1 where none, and targets (N, C), of votes (N, 10)."""
        chosen = votes[:, places]
        is_clear = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) == 1
        is_kept = is_clear & (chosen.max(axis=1) == votes.max(axis=1))
        labels = np.where(is_kept, chosen.argmax(axis=1), -1)
        if self.scheme == 'ferplus':
            return labels, np.eye(len(places))[labels]
        return labels, chosen / np.maximum(chosen.sum(axis=1, keepdims=True), 1)
