# SPDX-License-Identifier: Apache-2.0
"""What all figures share."""

from pathlib import Path

from emorec_vision.files import replace
from matplotlib.figure import Figure

GRAY = '0.45'


def save_figure(figure: Figure, path: Path) -> None:
    """Write a PNG, replacing what is there in one step."""
    with replace(path) as temporary:
        figure.savefig(temporary, dpi=100)
