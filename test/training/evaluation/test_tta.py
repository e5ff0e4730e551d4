# SPDX-License-Identifier: Apache-2.0
"""Test-time augmentation."""
from emorec_training.evaluation import tta
import numpy as np
import pytest


@pytest.mark.parametrize('views, count', [('none', 1), ('flip', 2), ('ten', 10)])
def test_views_are_averaged(views: str, count: int) -> None:
    """The mean of what the network says of each view; the image's own mean stays in sight."""
    image = np.tile(np.arange(48, dtype=np.uint8), (48, 1))[None]
    seen = list(tta.make_views(image, views))
    assert len(seen) == count and all(view.shape == image.shape for view in seen)
    answer = tta.with_views(lambda batch: batch[:, :1, 0].astype(float), views)(image)
    assert answer[0, 0] == pytest.approx(np.mean([view[0, 0, 0] for view in seen]))
    edges = sorted({(int(view[0, 0, 0]), int(view[0, 0, -1])) for view in seen})
    assert edges == {'none': [(0, 47)], 'flip': [(0, 47), (47, 0)],
                     'ten': [(0, 42), (2, 44), (5, 47), (42, 0), (44, 2), (47, 5)]}[views]
