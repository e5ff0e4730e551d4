# SPDX-License-Identifier: Apache-2.0
"""What all figures share."""

from datetime import date
from io import BytesIO
from pathlib import Path

from emorec_vision.files.access import write_bytes
from matplotlib.figure import Figure

GRAY = '0.45'


def save_figure(figure: Figure, path: Path, about: str, title: str = '') -> None:
    """Write a PNG, replacing what is there in one step.

    Args:
        figure: what to write.
        path: the PNG file.
        about: the model or the data that it shows; stands below it, with the date.
        title: stands above it, where it has none of its own.
    """
    if title:
        figure.suptitle(title)
    figure.supxlabel(f'{about} · {date.today().isoformat()}' if about else
                     date.today().isoformat(), fontsize=7, x=0.99, ha='right', color=GRAY,
                     parse_math=False)
    content = BytesIO()
    figure.savefig(content, format='png', dpi=100)
    write_bytes(path, content.getvalue())
