# SPDX-License-Identifier: Apache-2.0
"""Checks of the paths that a user names, before a command begins its work.

They are made before Keras is imported, so that a slip is told at once.
"""

from collections.abc import Iterable
import os
from pathlib import Path
import tempfile

from emorec_vision.errors import InputError
from emorec_vision.files.user_path import open_regular


def check_readable(path: Path, option: str = '') -> None:
    """Check that a file can be read.

    Args:
        path: the file.
        option: the option that names it, for the error.

    Raises:
        InputError: if it is missing, a folder, or may not be read.
    """
    try:
        os.close(open_regular(path))
    except OSError as error:
        raise InputError(
            f'{option} {path}: cannot be read ({error.strerror})'.strip()) from None


def check_data(path: Path | None) -> None:
    """Check that a csv can be read, or that there is a folder in its place.

    Raises:
        InputError: if neither is so.
    """
    if path is not None and not path.is_dir():
        check_readable(path)


def check_models(paths: Iterable[Path]) -> None:
    """Check that each path names an ONNX file, a .keras file or the folder of a run.

    Raises:
        InputError: if one does not.
    """
    from emorec_training.evaluation.predictor import check_keras_file
    from emorec_vision.emotion.model import open_session
    for path in paths:
        if path.suffix == '.onnx':
            open_session(path)
        else:
            check_keras_file(path)


def check_output_folder(folder: Path) -> None:
    """Check that files can be written to a folder, which may still be missing.

    Raises:
        InputError: if they cannot.
    """
    place = next(each for each in (folder, *folder.absolute().parents) if os.path.exists(each))
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        problem = 'written to' if place.is_dir() and place == folder else 'made'
        raise InputError(f'--out: {folder} cannot be {problem} ({error.strerror})') from None


def model_argument(text: str) -> Path:
    """Return what a model argument stands for: a path, or "accurate", a shipped one."""
    from emorec_vision.emotion.model import model_path
    return model_path(text) if text else Path()
