# SPDX-License-Identifier: Apache-2.0
"""Everything that a killed run needs to go on: weights, optimiser, average and history."""

from io import BytesIO
import json
from pathlib import Path
from typing import Any
import zipfile

from emorec_training.engines.engine import Engine
from emorec_training.train.averaging import WeightAverage
from emorec_vision.errors import InputError
from emorec_vision.files.access import write_bytes
from emorec_vision.files.json_text import parse_json
import numpy as np

NAME: str = 'checkpoint.npz'


def check_folder(folder: Path, resume: bool) -> None:
    """Check that there is a run to go on with, or that there is none to overwrite.

    One that was ended in its first epoch may be gone on with, and may be begun anew.

    Args:
        folder: of the run.
        resume: whether it is to go on.

    Raises:
        InputError: if it is otherwise.
    """
    path = folder / NAME
    if resume and not path.is_file():
        raise InputError(f'--resume: {path} does not exist; start without --resume')
    if path.is_file() and not resume and _has_epochs(path):
        raise InputError(f'{folder} holds an earlier run: add --resume, or name another --out')


def _has_epochs(path: Path) -> bool:
    """Return whether a checkpoint holds an epoch; a damaged one counts as such."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return parse_json(str(stored['history'])) != []
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return True


def save(folder: Path, engine: Engine, average: WeightAverage,
         history: list[dict[str, float]]) -> None:
    """Write the state after an epoch, or before the first, replacing the last one in one step."""
    parts: dict[str, Any] = {
        f'average_{index}': part for index, part in enumerate(average.weights)}
    parts |= engine.state()
    content = BytesIO()
    np.savez(content, history=np.array(json.dumps(history)),
             average_step=np.array(average.step), **parts)
    write_bytes(folder / NAME, content.getvalue())


def restore(folder: Path, engine: Engine, average: WeightAverage) -> list[dict[str, float]]:
    """Restore engine and average to what `save` wrote, and return the history.

    Raises:
        InputError: if there is no checkpoint, or it is damaged or of another network.
    """
    path = folder / NAME
    try:
        with np.load(path, allow_pickle=False) as stored:
            parts = dict(stored)
        history: list[dict[str, float]] = parse_json(str(parts.pop('history')))
        average.step = int(parts.pop('average_step'))
        average.weights = [parts.pop(f'average_{index}')
                           for index in range(len(average.weights))]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f'--resume: {path} is no checkpoint; start without --resume') from error
    try:
        engine.load_state(parts)
    except (ValueError, KeyError, RuntimeError) as error:
        raise InputError(f'--resume: {path} was made with other settings') from error
    return history
