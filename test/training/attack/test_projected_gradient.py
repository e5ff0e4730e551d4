# SPDX-License-Identifier: Apache-2.0
"""The smallest changes that fool a network."""
from pathlib import Path

from emorec_vision.emotions import EMOTIONS
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('tensorflow', reason='exporting needs TensorFlow')


def test_the_change_is_the_smallest_that_the_attack_finds(
        exported_run: Path, tiny_csv: Path) -> None:
    """It keeps within its budget, and with less the attack fails."""
    from emorec_training.attack.target import Target
    from emorec_training.data.dataset import load_csv
    target = Target(exported_run)
    images = load_csv(tiny_csv).split('public').images[:2]
    wanted = (target.predict(images).argmax(axis=1) + 1) % len(EMOTIONS)
    attacker = target.attacker(2, 10)
    found = attacker.find_smallest(images, wanted, 128)
    assert (found.budgets > 0).all(), 'half of all gray levels fool any network'
    changes = np.abs(found.images.astype(int) - images).max(axis=(1, 2))
    assert (changes <= found.budgets).all() and (changes > 0).all()
    assert (target.predict(found.images).argmax(axis=1) == wanted).all()
    again = attacker.find_smallest(images, wanted, int(found.budgets.max()))
    assert (again.budgets > 0).sum() >= 1
    assert not attacker.find_smallest(images, wanted, 1).budgets[found.budgets > 1].any()
