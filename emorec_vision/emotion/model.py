# SPDX-License-Identifier: Apache-2.0
"""A trained emotion network, run by ONNX Runtime on one CPU thread."""

import json
from pathlib import Path

from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.files import check_file
from emorec_vision.json_text import parse_json
from emorec_vision.shipped import shipped_file
from emorec_vision.user_path import expand
import numpy as np
import onnxruntime

SHIPPED: dict[str, str] = {'': 'emotion.onnx', 'accurate': 'emotion_accurate.onnx'}
"""File in models/ by the name under which a shipped model is asked for, '' by default."""


def model_path(name_or_path: str | Path) -> Path:
    """Return the file of a shipped model by its name in SHIPPED, or the path as it is given.

    A file that is called like a shipped model is meant by './accurate'.

    Raises:
        InputError: if a shipped model is in none of the places looked into.
    """
    if str(name_or_path) not in SHIPPED:
        return expand(name_or_path)
    return shipped_file('models', SHIPPED[str(name_or_path)])


class EmotionModel:
    """Tell the seven emotions apart on gray face crops.

    A model file is an ONNX graph from uint8 (N, S, S) gray crops, as cut by
    `face_crop.face_input`, to float32 (N, 7) probabilities; the scaling of the pixels is part
    of the graph, and its metadata key `labels` holds the JSON list of its seven emotions.

    Args:
        path: the ONNX file.

    Raises:
        InputError: if the file is missing, unreadable, damaged, or another kind of model.
    """

    def __init__(self, path: Path) -> None:
        """Load and check a model file; other label orders are mapped by name."""
        self.path = Path(path)
        self._session = open_session(self.path)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.description: dict[str, str] = dict(metadata)
        self.name: str = metadata.get('name', self.path.stem)
        self.labels: tuple[str, ...] = EMOTIONS
        self._columns = self._read_label_order()
        self._input_name, self.input_size = self._read_input()
        self._check_output()

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the probabilities of all faces, worked out in one batch.

        Args:
            inputs: uint8 (N, S, S) with S = `input_size`; N may be 0.

        Returns:
            float32 (N, 7); columns in the order of EMOTIONS, rows sum to 1.

        Raises:
            ValueError: if the type or the shape of `inputs` is another.
        """
        size = self.input_size
        if inputs.dtype != np.uint8 or inputs.ndim != 3 or inputs.shape[1:] != (size, size):
            raise ValueError(f'expected uint8 (N, {size}, {size}), '
                             f'not {inputs.dtype} {inputs.shape}')
        if len(inputs) == 0:
            return np.zeros((0, len(EMOTIONS)), np.float32)
        return self._run(inputs)[:, self._columns]

    def _run(self, inputs: np.ndarray) -> np.ndarray:
        """Return the network's output, columns in its own order."""
        return self._session.run(None, {self._input_name: np.ascontiguousarray(inputs)})[0]

    def _read_label_order(self) -> list[int]:
        """Return which column of the network holds each of EMOTIONS."""
        text = self.description.get('labels')
        if text is None:
            raise self._refusal('its metadata does not name its labels')
        try:
            labels = parse_json(text)
            return _label_order(labels)
        except ValueError:
            shown = ' '.join(text[:120].split())
            raise self._refusal(f'its labels are {shown}, not {json.dumps(EMOTIONS)} in any order'
                                ) from None

    def _read_input(self) -> tuple[str, int]:
        """Return the name and the side in px of the network's only input."""
        inputs = self._session.get_inputs()
        if len(inputs) == 1:
            kind, shape = inputs[0].type, inputs[0].shape
            square = len(shape) == 3 and isinstance(shape[1], int) and shape[1] == shape[2]
            if kind == 'tensor(uint8)' and square and not isinstance(shape[0], int):
                return inputs[0].name, shape[1]
        found = ', '.join(f'{each.type} {each.shape}' for each in inputs)
        raise self._refusal(f'its input is {found}, not tensor(uint8) [N, S, S]')

    def _check_output(self) -> None:
        """Run two gray crops and one through, which also warms the network up."""
        size = self.input_size
        for count in (2, 1):
            try:
                output = self._run(np.full((count, size, size), 128, np.uint8))
            except Exception as error:  # ONNX Runtime's errors share no narrower base class
                raise self._refusal(f'it does not run: {_first_line(error)}') from None
            if not isinstance(output, np.ndarray):
                raise self._refusal(f'its output is a {type(output).__name__}, no tensor')
            if output.dtype != np.float32 or output.shape != (count, len(EMOTIONS)):
                raise self._refusal(f'its output for {count} is {output.dtype} {output.shape}, '
                                    f'not float32 ({count}, {len(EMOTIONS)})')
        if not (output >= 0).all() or abs(float(output.sum()) - 1.0) > 1e-3:
            raise self._refusal('its outputs are no probabilities (no softmax at its end?)')

    def _refusal(self, reason: str) -> InputError:
        """Return the error for a model that is sound but not an emotion model of ours."""
        return InputError(f'{self.path} is not an emotion model of emorec: {reason}; '
                          'make one with "emorec emotions export"')


def _label_order(labels: object) -> list[int]:
    """Return the index of each of EMOTIONS in a model's labels, or raise ValueError."""
    if not isinstance(labels, list) or len(labels) != len(EMOTIONS):
        raise ValueError('not a list of seven names')
    return [labels.index(name) for name in EMOTIONS]


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """Return an inference session on one thread that never spins."""
    check_file(path, f'there is no emotion model at {path}; check the path, or leave it out to '
                     'use the shipped model')
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    options.log_severity_level = 4
    try:
        # its fallback would print and try the same once more
        session = onnxruntime.InferenceSession(
            str(path), options, providers=['CPUExecutionProvider'], enable_fallback=0)
        _read_all_text(session)
        return session
    except Exception as error:  # ONNX Runtime's errors share no narrower base class
        raise InputError(f'{path} is no ONNX model or a damaged one '
                         f'({path.stat().st_size} bytes: {_first_line(error)}); '
                         'copy it again, or leave it out to use the shipped model') from None


def _read_all_text(session: onnxruntime.InferenceSession) -> None:
    """Raise UnicodeDecodeError if a name, or a word that a model says of itself, is damaged."""
    dict(session.get_modelmeta().custom_metadata_map)
    for each in (*session.get_inputs(), *session.get_outputs()):
        str(each.name), list(each.shape)


def _first_line(error: Exception) -> str:
    """Return the first line of an error's text, shortened and without the path."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.rpartition(' failed:')[2].rstrip('. ')[:160]
