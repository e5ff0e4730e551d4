# SPDX-License-Identifier: Apache-2.0
"""What all figures share."""

from io import BytesIO
from pathlib import Path

from emorec_vision.files.access import write_bytes
from matplotlib.figure import Figure

GRAY = '0.45'


def save_figure(figure: Figure, path: Path) -> None:
    """Write a PNG, replacing what is there in one step."""
    content = BytesIO()
    figure.savefig(content, format='png', dpi=100)
    write_bytes(path, content.getvalue())
