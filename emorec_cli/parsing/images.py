# SPDX-License-Identifier: Apache-2.0
"""Images that a command line names, one by one or by their folders."""

from collections.abc import Sequence
import os
from pathlib import Path

from emorec_cli.output.standard_error import tell
from emorec_vision.errors import InputError


def named_images(given: Sequence[Path]) -> tuple[list[Path], int]:
    """Return the images, those of folders among them, and 2 where a folder has none, else 0."""
    from emorec_vision.sources.images import image_files
    paths: list[Path] = []
    status = 0
    for path in given:
        try:
            paths += image_files(path) if os.path.isdir(path) else [path]
        except InputError as error:
            tell(str(error))
            status = 2
    return paths, status
