# SPDX-License-Identifier: Apache-2.0
"""A trained emotion network, run by ONNX Runtime on one CPU thread."""

import json
from pathlib import Path
import re

from emorec_vision.emotion.expression_space import ExpressionSpace
from emorec_vision.emotions import canonical_order
from emorec_vision.emotions import check_labels
from emorec_vision.errors import InputError
from emorec_vision.files.access import check_file
from emorec_vision.files.json_text import parse_json
from emorec_vision.files.user_path import expand
from emorec_vision.model_files.session import one_thread_session
from emorec_vision.model_files.shipped import shipped_file
import numpy as np
import onnxruntime

SHIPPED: dict[str, str] = {'': 'emotion.onnx', 'accurate': 'emotion_accurate.onnx',
                           'ferplus': 'emotion_ferplus.onnx'}
"""File in models/ by the name under which a shipped model is asked for, '' by default."""
LOGITS = 'logits'
"""Name of the second output of a file, float32 (N, C), which older files do not have."""
SOURCE_LINE = re.compile(r'\S+\.(?:cc|h):\d+ (?:.*?\) ?(?:const )?(?=[A-Z\[(]|$))?')
"""Where in its own source ONNX Runtime failed, and in which function."""
NEWER = re.compile(r'Unsupported model IR version|is till opset \d+')
"""What it says of a model that is sound, but made for a later version."""
REASON = 160
"""Characters that are kept of what ONNX Runtime says."""


def model_path(name_or_path: str | Path) -> Path:
    """Return the file of a shipped model by its name in SHIPPED, or the path as it is given.

    A file that is called like a shipped model is meant by './accurate'.

    Raises:
        InputError: if a shipped model is in none of the places looked into.
    """
    if str(name_or_path) not in SHIPPED:
        return expand(name_or_path)
    try:
        return shipped_file('models', SHIPPED[str(name_or_path)])
    except InputError as error:
        there = ', '.join(name or 'the default' for name in installed_models())
        raise InputError(f'{error}; models that are there: {there or "none"}') from None


def installed_models() -> list[str]:
    """Return the names in SHIPPED whose file is there."""
    names = []
    for name, file in SHIPPED.items():
        try:
            shipped_file('models', file)
        except InputError:
            continue
        names.append(name)
    return names


class EmotionModel:
    """Tell emotions apart on gray face crops.

    A model file is an ONNX graph from uint8 (N, S, S) gray crops, as cut by
    `face_crop.face_input`, to float32 (N, K) probabilities; the scaling of the pixels is part
    of the graph, and its metadata key `labels` holds the JSON list of the names of its K
    emotions, in any order. They may be any names, see `check_labels`.

    Args:
        path: the ONNX file.

    Raises:
        InputError: if the file is missing, unreadable, damaged, or another kind of model.

    Attributes:
        labels: the K emotions: those of NUMBERED in its order, and all others behind them.
        input_size: S, px.
        space: in which a face can be read against the same person at rest; None if the file
            describes none.
    """

    def __init__(self, path: Path) -> None:
        """Load and check a model file."""
        self.path = Path(path)
        self._session = open_session(self.path)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.description: dict[str, str] = dict(metadata)
        self.name: str = metadata.get('name', self.path.stem)
        given = self._read_labels()
        self._columns = list(canonical_order(given))
        self.labels: tuple[str, ...] = tuple(given[column] for column in self._columns)
        self._input_name, self.input_size = self._read_input()
        self._output_name = self._session.get_outputs()[0].name
        self._check_output()
        self.space = self._read_space()

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the probabilities of all faces, worked out in one batch.

        Args:
            inputs: uint8 (N, S, S) with S = `input_size`; N may be 0.

        Returns:
            float32 (N, K); columns in the order of `labels`, rows sum to 1.

        Raises:
            ValueError: if the type or the shape of `inputs` is another.
        """
        if len(self._checked(inputs)) == 0:
            return np.zeros((0, len(self.labels)), np.float32)
        return self._run(inputs, [self._output_name])[0][:, self._columns]

    def read(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return what `predict` returns, and where the faces lie in `space`.

        Returns:
            the probabilities, and float64 (N, D); None where the file describes no space.
        """
        if self.space is None or len(inputs) == 0:
            return self.predict(inputs), None
        answer, logits = self._run(self._checked(inputs), [self._output_name, LOGITS])
        return answer[:, self._columns], self.space.coordinates(logits[:, self._columns])

    def _checked(self, inputs: np.ndarray) -> np.ndarray:
        size = self.input_size
        if inputs.dtype != np.uint8 or inputs.ndim != 3 or inputs.shape[1:] != (size, size):
            raise ValueError(f'expected uint8 (N, {size}, {size}), '
                             f'not {inputs.dtype} {inputs.shape}')
        return inputs

    def _run(self, inputs: np.ndarray, outputs: list[str]) -> list[np.ndarray]:
        """Return outputs of the network by name, columns in its own order."""
        return list(self._session.run(outputs, {self._input_name: np.ascontiguousarray(inputs)}))

    def _read_space(self) -> ExpressionSpace | None:
        """Return the space of the logits; None if the file has none."""
        if LOGITS not in [output.name for output in self._session.get_outputs()]:
            return None
        return ExpressionSpace.from_metadata(self.description, self.labels, self._columns)

    def _read_labels(self) -> tuple[str, ...]:
        """Return the names of the network's columns."""
        text = self.description.get('labels')
        if text is None:
            raise self._refusal('its metadata does not name its labels')
        try:
            return check_labels(parse_json(text))
        except ValueError as error:
            why = 'no JSON' if isinstance(error, json.JSONDecodeError) else error
            raise self._refusal(f'its labels are {ascii(text[:120])[1:-1]}: {why}') from None

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
                output = self._run(np.full((count, size, size), 128, np.uint8),
                                   [self._output_name])[0]
            except Exception as error:  # ONNX Runtime's errors share no narrower base class
                raise self._refusal(f'it does not run: {_reason(error)}') from None
            if not isinstance(output, np.ndarray):
                raise self._refusal(f'its output is a {type(output).__name__}, no tensor')
            if output.dtype != np.float32 or output.shape != (count, len(self.labels)):
                raise self._refusal(f'its output for {count} is {output.dtype} {output.shape}, '
                                    f'not float32 ({count}, {len(self.labels)})')
        if not (output >= 0).all() or abs(float(output.sum()) - 1.0) > 1e-3:
            raise self._refusal('its outputs are no probabilities (no softmax at its end?)')

    def _refusal(self, reason: str) -> InputError:
        """Return the error for a model that is sound but not an emotion model of ours."""
        return InputError(f'{self.path} is not an emotion model of emorec: {reason}; '
                          'make one with "emorec emotions export"')


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """Return an inference session on one thread that never spins."""
    check_file(path, f'there is no emotion model at {path}; check the path, or leave it out to '
                     'use the shipped model')
    try:
        session = one_thread_session(path)
        _read_all_text(session)
        return session
    except Exception as error:  # ONNX Runtime's errors share no narrower base class
        reason = _reason(error)
        if NEWER.search(reason):
            raise InputError(f'{path} was made for a newer ONNX Runtime than the '
                             f'{onnxruntime.__version__} here ({reason}); update it with pip '
                             'install --upgrade onnxruntime, or export the model again for '
                             'this one') from None
        raise InputError(f'{path} is no ONNX model or a damaged one '
                         f'({path.stat().st_size} bytes: {reason}); '
                         'copy it again, or leave it out to use the shipped model') from None


def _read_all_text(session: onnxruntime.InferenceSession) -> None:
    """Raise UnicodeDecodeError if a name, or a word that a model says of itself, is damaged."""
    dict(session.get_modelmeta().custom_metadata_map)
    for each in (*session.get_inputs(), *session.get_outputs()):
        str(each.name), list(each.shape)


def _reason(error: Exception) -> str:
    """Return what an error says on one line: without the paths, and of a long one the end."""
    text = ' '.join(str(error).split()) or type(error).__name__
    text = SOURCE_LINE.sub('', text.rpartition(' failed:')[2]).rstrip('. ')
    return text if len(text) <= REASON else f'... {text[-REASON:].partition(" ")[2]}'
