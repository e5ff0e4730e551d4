# SPDX-License-Identifier: Apache-2.0
"""The votes of FER+."""
from pathlib import Path

from emorec_training.data.dataset import Dataset
from emorec_training.data.ferplus import FERPLUS_NAMES
from emorec_training.data.ferplus import MISALIGNED_ROW
from emorec_training.data.ferplus import posterior
from emorec_training.data.ferplus import read_votes
from emorec_training.data.ferplus import vote_evidence
from emorec_vision.errors import InputError
import numpy as np
import pytest

HEADER = ('Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,'
          'unknown,NF')


def make_data(labels: list[int]) -> Dataset:
    """Return Training images with these labels."""
    count = len(labels)
    images = np.arange(count, dtype=np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2)
    return Dataset(images, np.array(labels, np.uint8), np.zeros(count, np.uint8),
                   np.empty(0, np.int64), '')


def write_votes(path: Path, rows: list[str], header: str = HEADER) -> Path:
    """Write a csv like fer2013new.csv."""
    path.write_text('\n'.join([header, *rows]) + '\n')
    return path


def test_votes_come_in_the_order_of_the_seven_emotions(tmp_path: Path) -> None:
    """FER+ lists its labels in another order than FER2013."""
    path = write_votes(tmp_path / 'votes.csv', ['Training,a.png,1,2,3,4,5,6,7,8,9,10'])
    votes = read_votes(path, make_data([0]))
    assert dict(zip((*FERPLUS_NAMES, 'unknown', 'NF'), votes[0].tolist())) == {
        'Angry': 5, 'Disgust': 6, 'Fear': 7, 'Happy': 2, 'Sad': 4, 'Surprise': 3, 'Neutral': 1,
        'Contempt': 8, 'unknown': 9, 'NF': 10}


def test_the_row_with_votes_of_another_image_has_none(tmp_path: Path) -> None:
    """Row 5274 of FER+ belongs to another image."""
    count = MISALIGNED_ROW + 2
    path = write_votes(tmp_path / 'votes.csv', ['Training,,9,1,0,0,0,0,0,0,0,0'] * count)
    votes = read_votes(path, make_data([6] * count))
    assert np.flatnonzero(votes.sum(axis=1) == 0).tolist() == [MISALIGNED_ROW]


def test_votes_speak_for_the_label_whose_images_get_them() -> None:
    """An image without votes says nothing; the more votes, the stronger; counts are smoothed."""
    votes = np.array([[8, 2], [0, 10], [8, 2], [0, 0]]) @ np.eye(2, 10, dtype=int)
    targets = np.array([[1, 0], [0, 1], [1, 0], [0, 1]])
    evidence = vote_evidence(votes.astype(np.uint8), targets)
    # 20 votes and one for each of ten columns: 17/30 and 5/30; 10 votes: 1/20 and 11/20.
    assert evidence[0] == pytest.approx([8 * np.log(17 / 30) + 2 * np.log(5 / 30),
                                         8 * np.log(1 / 20) + 2 * np.log(11 / 20)])
    assert evidence[1].argmax() == 1 and evidence[3].tolist() == [0, 0]


def test_evidence_moves_probabilities_by_bayes_rule() -> None:
    """Twice as likely evidence doubles the odds; strong evidence does not overflow."""
    prior = np.array([[0.5, 0.25, 0.25], [0.2, 0.3, 0.5]])
    found = posterior(prior, np.log([[1.0, 2.0, 2.0], [1.0, 1.0, 1.0]]) + 5000)
    assert found == pytest.approx(np.array([[1 / 3, 1 / 3, 1 / 3], [0.2, 0.3, 0.5]]))


@pytest.mark.parametrize('header, rows, message', [
    ('a,b', [], "has no column 'anger'"),
    (HEADER, ['Training,a,1,1,1,1,1,1,1,1,1,1'] * 2, 'has 2 rows, but the csv has 1'),
    (HEADER, ['Training,a,1,1,1,x,1,1,1,1,1,1'], 'row 1 has a vote that is no number'),
    (HEADER, ['Training,a,1,1'], 'row 1 has a vote that is no number'),
    (HEADER, ['Training,a,1,1,1,-1,1,1,1,1,1,1'], 'row 1 has a vote outside'),
])
def test_wrong_votes_are_refused(
        tmp_path: Path, header: str, rows: list[str], message: str) -> None:
    """The file and the row stand in the error."""
    path = write_votes(tmp_path / 'votes.csv', rows, header)
    with pytest.raises(InputError, match=message):
        read_votes(path, make_data([0]))
    with pytest.raises(InputError, match='cannot be read'):
        read_votes(tmp_path / 'none.csv', make_data([0]))
