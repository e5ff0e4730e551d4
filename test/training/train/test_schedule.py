# SPDX-License-Identifier: Apache-2.0
"""The learning rate over a run, and when a run is over."""
from emorec_training.config import OptimizerConfig
from emorec_training.config import TrainingConfig
from emorec_training.train.schedule import is_finished
from emorec_training.train.schedule import learning_rate
import pytest


@pytest.mark.parametrize('schedule, step, progress, expected', [
    ('constant', 500, 0.5, 0.1),
    ('cosine', 500, 0.0, 0.1), ('cosine', 500, 0.5, 0.05), ('cosine', 999, 1.0, 0.0),
    ('inverse_time', 500, 0.5, 0.1 / 1.5),
    ('exponential', 500, 0.5, 0.1 * 0.6065306597),
    ('constant', 0, 0.0, 0.001), ('cosine', 49, 0.0, 0.05),
])
def test_learning_rate_follows_its_schedule(
        schedule: str, step: int, progress: float, expected: float) -> None:
    """Linear warm-up over the first 100 steps, then the named course."""
    config = OptimizerConfig(lr=0.1, schedule=schedule, decay=0.001, warmup_epochs=2.0)
    assert learning_rate(config, step, 50, progress) == pytest.approx(expected)


@pytest.mark.parametrize('settings, accuracies, expected', [
    ({'epochs': 3}, [], False), ({'epochs': 3}, [0.1, 0.2], False),
    ({'epochs': 3}, [0.1, 0.2, 0.3], True),
    ({'epochs': 9, 'patience': 2}, [0.1, 0.3, 0.2], False),
    ({'epochs': 9, 'patience': 2}, [0.1, 0.3, 0.2, 0.3], True),
    ({'epochs': 9, 'minutes': 3.4}, [0.1, 0.2], False),
    ({'epochs': 9, 'minutes': 2.4}, [0.1, 0.2], True),
])
def test_a_run_ends_by_epochs_by_time_or_for_lack_of_progress(
        settings: dict[str, float], accuracies: list[float], expected: bool) -> None:
    """An epoch of a minute is begun only where more than half of one is left."""
    history = [{'epoch': number, 'seconds': 60.0 * number, 'check_accuracy': accuracy}
               for number, accuracy in enumerate(accuracies, start=1)]
    assert is_finished(TrainingConfig(**settings), history) is expected  # type: ignore[arg-type]
