# SPDX-License-Identifier: Apache-2.0
"""Sheets of small images."""

from emorec_vision.drawing.contact_sheet import contact_sheet
import numpy as np
import pytest


@pytest.mark.parametrize('caption', ['0s Happy 98%', '12s Surprise? 100%', 'W' * 30])
def test_a_caption_stays_below_its_image(caption: str) -> None:
    """Whole: its last letters reach neither the next image's caption nor are they cut off."""
    gray = np.full((48, 48), 128, np.uint8)
    alone = contact_sheet([gray], [caption])
    assert alone[96:].min() < 128 and alone[96:, -1].min() == 255
    assert (alone[:96] == 128).all()
