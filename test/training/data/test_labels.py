# SPDX-License-Identifier: Apache-2.0
"""Which labels an image gets: FER2013's, FER+'s, all or some."""
from emorec_training.data.dataset import Dataset
from emorec_training.data.ferplus import FERPLUS_NAMES
from emorec_training.data.labels import LabelChoice
from emorec_vision.errors import InputError
import numpy as np
import pytest


def make_data(labels: list[int]) -> Dataset:
    """Return Training images with these labels."""
    count = len(labels)
    images = np.arange(count, dtype=np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2)
    return Dataset(images, np.array(labels, np.uint8), np.zeros(count, np.uint8),
                   np.empty(0, np.int64), '')


def test_the_majority_decides_and_the_shares_are_kept() -> None:
    """Ties, unknown, no face and left-out classes are dropped."""
    votes = np.zeros((6, 10), np.uint8)
    votes[0, [3, 6]] = 8, 2    # Happy
    votes[1, [3, 6]] = 5, 5    # a tie
    votes[2, [8, 3]] = 6, 4    # unknown
    votes[3, [9]] = 10         # not a face
    votes[4, [7, 3]] = 6, 4    # Contempt
    votes[5, [6, 7]] = 6, 4    # Neutral
    data = make_data([0] * 6)
    hard = LabelChoice('ferplus', votes=votes).split(data, 'training')
    assert hard.rows.tolist() == [0, 5] and hard.labels.tolist() == [3, 6]
    assert hard.targets.max(axis=1).tolist() == [1, 1]
    soft = LabelChoice('ferplus-soft', votes=votes).split(data, 'training')
    assert soft.rows.tolist() == [0, 5] and soft.targets[0, [3, 6]] == pytest.approx([0.8, 0.2])
    eight = LabelChoice('ferplus', FERPLUS_NAMES, votes).split(data, 'training')
    assert eight.rows.tolist() == [0, 4, 5] and eight.labels.tolist() == [3, 7, 6]


def test_a_subset_of_classes_is_numbered_anew() -> None:
    """Five-class studies get labels 0..4, in the order in which they were named."""
    split = LabelChoice(classes=('Neutral', 'Happy')).split(make_data([3, 0, 6, 3]), 'training')
    assert split.names == ('Neutral', 'Happy')
    assert split.labels.tolist() == [1, 0, 1] and split.rows.tolist() == [0, 2, 3]
    assert split.targets.tolist() == [[0, 1], [1, 0], [0, 1]]


@pytest.mark.parametrize('arguments, message', [
    ({'classes': ('Happy', 'Bored')}, "'Bored' is none of"),
    ({'classes': ('Happy', 'Contempt')}, "'Contempt' is none of"),
    ({'classes': ('Happy', 'Happy')}, 'at least two different'),
    ({'classes': ('Happy',)}, 'at least two different'),
    ({'scheme': 'ferplus'}, '--labels ferplus needs the votes'),
])
def test_a_choice_that_makes_no_sense_is_refused(
        arguments: dict[str, object], message: str) -> None:
    """The option stands in the error."""
    with pytest.raises(InputError, match=message):
        LabelChoice(**arguments)  # type: ignore[arg-type]
