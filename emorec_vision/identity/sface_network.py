# SPDX-License-Identifier: Apache-2.0
"""The network SFace, run by ONNX Runtime, and the alignment of faces that it was trained with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

SIDE = 112
"""Side of an aligned face, px."""
ALIGNED = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366],
                    [41.5493, 92.3655], [70.7299, 92.2041]], np.float32)
"""Where the landmarks lie in an aligned face, px: those of OpenCV's FaceRecognizerSF."""
GRAPH, INPUT = 7, 11
"""Numbers of the fields `graph` of a ModelProto and `input` of a GraphProto in onnx.proto."""
VARINT, LENGTH_DELIMITED = 0, 2
FIXED = {1: 8, 5: 4}
"""Wire types of protocol buffers, and the bytes of those of fixed length."""


class SFaceNetwork:
    """SFace (Zhong et al. 2021, doi:10.1109/TIP.2020.3048632) on one thread.

    The file names its weights among the inputs of the graph, where ONNX Runtime would ask for
    them; they are left out. The quantised weights are unfolded once, when the file is read.

    Args:
        path: of the ONNX file.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is no such file, or ONNX Runtime cannot use it.
    """

    def __init__(self, path: Path) -> None:
        """Read the network and try it."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        options.add_session_config_entry('session.disable_quant_qdq', '1')
        try:
            self._session = onnxruntime.InferenceSession(
                with_one_input(path.read_bytes()), options, providers=['CPUExecutionProvider'])
            self._input = self._session.get_inputs()[0].name
            self.embed(np.zeros((SIDE, SIDE), np.uint8))
        except OSError:
            raise
        except Exception as error:  # noqa: B902 - ONNX Runtime's share no narrower base class
            raise ValueError(str(error) or type(error).__name__) from None

    def embed(self, aligned: np.ndarray) -> np.ndarray:
        """Return the embedding of an aligned face, gray (112, 112): float32 (128,) of length 1."""
        planes = np.broadcast_to(aligned.astype(np.float32), (1, 3, SIDE, SIDE))
        found: np.ndarray = self._session.run(
            None, {self._input: np.ascontiguousarray(planes)})[0].ravel()
        return of_length_1(found)


def aligned(gray: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return a face turned, scaled and moved so that its landmarks lie best at `ALIGNED`.

    The least-squares similarity (Umeyama 1991, doi:10.1109/34.88573, without mirroring): with
    points as complex numbers it is one factor and one shift.

    Args:
        gray: uint8 (H, W).
        landmarks: px, float32 (5, 2).

    Returns:
        uint8 (112, 112), black beyond the image.
    """
    ours, theirs = (points.astype(np.float64) @ (1, 1j) for points in (landmarks, ALIGNED))
    middle, goal = ours.mean(), theirs.mean()
    ours = ours - middle
    factor = np.vdot(ours, theirs - goal) / max(np.vdot(ours, ours).real, 1e-9)
    shift = goal - factor * middle
    return cv2.warpAffine(gray, np.array([[factor.real, -factor.imag, shift.real],
                                          [factor.imag, factor.real, shift.imag]]), (SIDE, SIDE))


def of_length_1(embedding: np.ndarray) -> np.ndarray:
    """Return an embedding scaled to length 1."""
    scaled: np.ndarray = embedding / max(float(np.linalg.norm(embedding)), 1e-9)
    return scaled


def with_one_input(model: bytes) -> bytes:
    """Return an ONNX model, serialised, without all inputs of its graph but the first.

    Raises:
        ValueError: if it is not serialised as protocol buffers are.
    """
    out = []
    for field, whole, content in _fields(memoryview(model)):
        if field != GRAPH:
            out.append(bytes(whole))
            continue
        parts, inputs = [], 0
        for number, part, _ in _fields(content):
            inputs += number == INPUT
            if number != INPUT or inputs == 1:
                parts.append(part)
        graph = b''.join(parts)
        out.append(bytes((GRAPH << 3 | LENGTH_DELIMITED,)) + _varint(len(graph)) + graph)
    return b''.join(out)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yield number, bytes and content of each field of a message."""
    place = 0
    while place < len(message):
        start = place
        key, place = _read_varint(message, place)
        wire, content = key & 7, place
        if wire == LENGTH_DELIMITED:
            length, content = _read_varint(message, place)
            place = content + length
        elif wire == VARINT:
            place = _read_varint(message, place)[1]
        elif wire in FIXED:
            place += FIXED[wire]
        else:
            raise ValueError('it is no ONNX file')
        if place > len(message):
            raise ValueError('it is no whole ONNX file')
        yield key >> 3, message[start:place], message[content:place]


def _read_varint(message: memoryview, place: int) -> tuple[int, int]:
    """Return the number at a place, seven bits a byte, and the place after it."""
    value = shift = 0
    while place < len(message):
        value |= (message[place] & 127) << shift
        place, shift = place + 1, shift + 7
        if message[place - 1] < 128:
            return value, place
    raise ValueError('it is no whole ONNX file')


def _varint(value: int) -> bytes:
    """Return a number as it is written, seven bits a byte."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes((*written, value))
