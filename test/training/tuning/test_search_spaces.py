# SPDX-License-Identifier: Apache-2.0
"""The settings that are searched, and their ranges."""
from emorec_training.config import load_config
import pytest

pytest.importorskip('optuna', reason='the training extra (Optuna) is not installed')


def test_original_space_is_that_of_the_original_project() -> None:
    """Its six ranges, and kernel size 2, which its published best trial has."""
    from emorec_training.tuning.search_spaces import SPACES
    assert SPACES['original'] == {
        'optimizer.lr': (1e-5, 1e-1, True), 'optimizer.decay': (1e-7, 1e-4, True),
        'network.dropout': (0.1, 0.5, False), 'network.l2': (0.01, 0.05, False),
        'network.kernel_size': ((2, 3, 5),), 'training.batch_size': ((16, 32, 64, 128),)}


@pytest.mark.parametrize('network', ['original', 'compact_resnet'])
def test_every_searched_setting_exists_and_takes_the_whole_range(network: str) -> None:
    """Both ends of each range, or each choice, are values the setting may have."""
    from emorec_training.tuning.search_spaces import Range
    from emorec_training.tuning.search_spaces import SPACES
    for name, part in SPACES[network].items():
        for value in part[:2] if isinstance(part, Range) else part.values:
            load_config(None, {'network.name': network, name: value})
