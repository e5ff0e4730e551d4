# SPDX-License-Identifier: Apache-2.0
"""The tenth of Training to tune on."""
from pathlib import Path

from emorec_training.data.dataset import load_csv
from emorec_training.data.overlap.duplicates import hold_out
from emorec_training.tuning.split import tuning_split
import numpy as np


def test_groups_stay_on_one_side_of_the_tenth() -> None:
    """Whole groups are held out until a tenth is reached; a large one is passed over."""
    groups = np.repeat(np.arange(70), [50, *[3] * 30, *[1] * 39]).astype(np.int64)
    is_held_out = hold_out(groups, np.random.default_rng(1))
    assert is_held_out.sum() == round(0.1 * len(groups))
    for group in np.unique(groups):
        assert np.ptp(is_held_out[groups == group].astype(int)) == 0
    assert not is_held_out[groups == 0].any()


def test_the_tenth_comes_from_training_and_repeats(tiny_csv: Path) -> None:
    """No image is on both sides, none of a test split is used, and the seed decides."""
    training = load_csv(tiny_csv).split('training')
    splits = [tuning_split(training, seed) for seed in (1, 1, 2)]
    learn, check = splits[0]
    assert sorted([*learn.rows, *check.rows]) == sorted(training.rows)
    assert 0 < len(check.rows) <= 14 and (check.targets.argmax(axis=1) == check.labels).all()
    assert (splits[1][1].rows == check.rows).all()
    assert set(splits[2][1].rows) != set(check.rows)
    drawn = tuning_split(training, 1, 60)
    assert sum(len(part.rows) for part in drawn) == 60
