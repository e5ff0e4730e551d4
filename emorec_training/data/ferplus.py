# SPDX-License-Identifier: Apache-2.0
"""Reads the votes of FER+ (Barsoum et al. 2016, arXiv 1608.01041; microsoft/FERPlus, MIT)."""

from pathlib import Path

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import read_rows
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np

FERPLUS_NAMES: tuple[str, ...] = (*EMOTIONS, 'Contempt')
COLUMNS: tuple[tuple[str, ...], ...] = (
    ('anger', 'angry'), ('disgust',), ('fear',), ('happiness', 'happy'), ('sadness', 'sad'),
    ('surprise',), ('neutral',), ('contempt',), ('unknown',), ('nf', 'not_a_face'))
"""Names a column may have, in the order in which `read_votes` gives them."""

MISALIGNED_ROW: int = 5274
"""A row of fer2013.csv that carries the votes of another image."""


def read_votes(path: Path, data: Dataset) -> np.ndarray:
    """Read the ten votes of each row of the csv.

    Rows belong together by their number, not by the image's name.

    Args:
        path: fer2013new.csv of microsoft/FERPlus.
        data: the csv that the votes belong to.

    Returns:
        uint8 (N, 10), columns in the order of COLUMNS.

    Raises:
        InputError: if columns are missing, a vote is no number, or the rows do not fit the csv.
    """
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            rows = list(read_rows(file, f'--ferplus {path}'))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'--ferplus {path}: cannot be read ({error})') from error
    header = [name.strip().lower().removeprefix('ferplus_') for name in rows[0]] if rows else []
    places = []
    for names in COLUMNS:
        found = [header.index(name) for name in names if name in header]
        if not found:
            raise InputError(f'--ferplus {path}: has no column {names[0]!r}; expected '
                             'fer2013new.csv of microsoft/FERPlus')
        places.append(found[0])
    if len(rows) - 1 != len(data.labels):
        raise InputError(f'--ferplus {path}: has {len(rows) - 1} rows, but the csv has '
                         f'{len(data.labels)}; they belong together row by row')
    votes = np.array([_votes(row, places, path, number)
                      for number, row in enumerate(rows[1:], start=1)], np.uint8)
    if len(votes) > MISALIGNED_ROW:
        votes[MISALIGNED_ROW] = 0
    return votes


def vote_evidence(votes: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of each image's votes under each label.

    The votes on an image of a label are taken for draws from the mean of all its images
    (multinomial naive Bayes, one vote added to each column).

    Args:
        votes: (N, 10).
        targets: (N, C), probabilities of the labels.

    Returns:
        float64 (N, C).
    """
    counts = targets.T @ votes.astype(np.float64) + 1
    return np.asarray(votes @ np.log(counts / counts.sum(axis=1, keepdims=True)).T)


def posterior(prior: np.ndarray, evidence: np.ndarray) -> np.ndarray:
    """Return probabilities (N, C) by Bayes' rule.

    Args:
        prior: probabilities, (N, C).
        evidence: log-likelihoods, (N, C).
    """
    joint = prior * np.exp(evidence - evidence.max(axis=1, keepdims=True))
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _votes(row: list[str], places: list[int], path: Path, number: int) -> list[int]:
    try:
        votes = [int(row[place]) for place in places]
    except (ValueError, IndexError) as error:
        raise InputError(f'--ferplus {path}: row {number} has a vote that is no number') from error
    if not all(0 <= vote <= 255 for vote in votes):
        raise InputError(f'--ferplus {path}: row {number} has a vote outside 0..255')
    return votes
