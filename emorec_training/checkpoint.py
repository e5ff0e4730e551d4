# SPDX-License-Identifier: Apache-2.0
"""Everything a killed run needs to go on: weights, optimiser, average and history."""

import json
import os
from pathlib import Path
from typing import Any

from emorec_training.averaging import WeightAverage
from emorec_vision.errors import InputError
import keras
import numpy as np

NAME: str = 'checkpoint.npz'


def save(folder: Path, model: keras.Model, average: WeightAverage,
         history: list[dict[str, float]]) -> None:
    """Write the state after an epoch, replacing the last one in one step."""
    parts: dict[str, Any] = {f'model_{index}': np.array(keras.ops.convert_to_numpy(part))
                             for index, part in enumerate(model.variables)}
    parts |= {f'optimizer_{index}': np.array(keras.ops.convert_to_numpy(part))
              for index, part in enumerate(model.optimizer.variables)}
    parts |= {f'average_{index}': part for index, part in enumerate(average.weights)}
    temporary = folder / 'checkpoint.tmp.npz'
    np.savez(temporary, history=np.array(json.dumps(history)),
             average_step=np.array(average.step), **parts)
    os.replace(temporary, folder / NAME)


def restore(folder: Path, model: keras.Model,
            average: WeightAverage) -> list[dict[str, float]]:
    """Bring back what `save` wrote, and return the history."""
    path = folder / NAME
    try:
        with np.load(path, allow_pickle=False) as stored:
            parts = dict(stored)
    except FileNotFoundError as error:
        raise InputError(f'--resume: {path} does not exist; start without --resume') from error
    except (OSError, ValueError) as error:
        raise InputError(f'--resume: {path} is no checkpoint; start without --resume') from error
    _assign(path, model.variables, parts, 'model')
    _assign(path, model.optimizer.variables, parts, 'optimizer')
    average.weights = [np.array(parts[f'average_{index}'])
                       for index in range(len(average.weights))]
    average.step = int(parts['average_step'])
    return json.loads(str(parts['history']))


def _assign(path: Path, variables: list[Any], parts: dict[str, np.ndarray], name: str) -> None:
    for index, variable in enumerate(variables):
        value = parts.get(f'{name}_{index}')
        if value is None or tuple(value.shape) != tuple(variable.shape):
            raise InputError(f'--resume: {path} was made with other settings')
        variable.assign(value)
