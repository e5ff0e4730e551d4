# SPDX-License-Identifier: Apache-2.0
"""Arrays that are kept for the next time."""
from pathlib import Path

from emorec_training.data import cache
import numpy as np
import pytest


@pytest.mark.parametrize('content', [None, b'', b'no archive'])
def test_what_is_missing_or_damaged_is_empty(tmp_path: Path, content: bytes | None) -> None:
    """It is then made again."""
    if content is not None:
        (tmp_path / 'it.npz').write_bytes(content)
    assert cache.load_cached(tmp_path / 'it.npz') == {}
    cache.store_cached(tmp_path / 'it.npz', numbers=np.arange(3))
    assert cache.load_cached(tmp_path / 'it.npz')['numbers'].tolist() == [0, 1, 2]


def test_a_full_disk_leaves_no_part_of_a_cache(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start is slower, and that is all."""
    def full(*_: object, **__: object) -> None:
        raise OSError('no space left')

    monkeypatch.setattr(np, 'savez', full)
    cache.store_cached(tmp_path / 'below' / 'it.npz', numbers=np.arange(3))
    assert not list((tmp_path / 'below').iterdir())
