# SPDX-License-Identifier: Apache-2.0
"""Learning curves say which epoch is kept and where overfitting begins."""

import pytest

pytest.importorskip('matplotlib', reason='the packages of requirements/training.txt are needed')
from emorec_training.train.figures import overfitting_from  # noqa: E402, I100


def history(losses: list[float], checks: list[float]) -> list[dict[str, float]]:
    """Return the records of a run."""
    return [{'epoch': epoch, 'loss': loss, 'check_loss': check, 'check_accuracy': 0.5}
            for epoch, (loss, check) in enumerate(zip(losses, checks, strict=True), 1)]


@pytest.mark.parametrize('losses, checks, epoch', [
    ([1.5, 1.2, 1.0, 0.8, 0.6, 0.4], [1.5, 1.2, 1.1, 1.2, 1.3, 1.4], 3),
    ([1.5, 1.2, 1.0, 0.8, 0.6, 0.4], [1.5, 1.4, 1.3, 1.2, 1.1, 1.0], None),
    ([1.5, 1.2, 1.0, 0.8], [1.5, 1.2, 1.3, 1.4], None),
    ([1.5, 1.2, 1.3, 1.3, 1.3], [1.5, 1.2, 1.3, 1.4, 1.4], None),
    ([1.5, 1.2, 1.1, 1.0, 0.9], [1.5, 1.2, 1.203, 1.202, 1.204], None)],
    ids=['memorises', 'learns', 'too short', 'diverges', 'stands still'])
def test_overfitting_begins_where_only_the_training_images_get_better(losses, checks, epoch):
    assert overfitting_from(history(losses, checks)) == epoch
