# SPDX-License-Identifier: Apache-2.0
"""Unpack the block-quantised weights of an ONNX model, without the package onnx.

ONNX Runtime refuses the files of opencv_zoo that end in int8bq: their biases are quantised in
blocks of a whole tensor. Field numbers are those of onnx.proto3 (https://onnx.ai), the encoding
that of https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

GRAPH = 7
NODE, INITIALIZER, INPUT, OUTPUT = 1, 5, 11, 12
FLOAT = 1
TYPES = {FLOAT: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
"""Of TensorProto.data_type, as far as weights have them."""


@dataclass(frozen=True)
class _Field:
    """A field of a message: its number, its value, and all of its bytes."""

    number: int
    value: int | bytes
    raw: bytes


class _Message:
    """An encoded message.

    Raises:
        ValueError: when it is cut off or no message.
    """

    def __init__(self, data: int | bytes) -> None:
        if isinstance(data, int):
            raise ValueError('a number stands where a message should')
        self.raw = data
        self.fields = [*_fields(data)]

    def each(self, number: int) -> list[bytes]:
        """Return the values of a repeated field of messages or texts."""
        return [field.value for field in self.fields
                if field.number == number and isinstance(field.value, bytes)]

    def text(self, number: int) -> str:
        """Return a field's text, '' where it is missing."""
        return b''.join(self.each(number)[-1:]).decode()

    def number(self, number: int) -> int:
        """Return a field's whole number, 0 where it is missing."""
        return next((field.value for field in reversed(self.fields)
                     if field.number == number and isinstance(field.value, int)), 0)

    def numbers(self, number: int) -> list[int]:
        """Return the whole numbers of a repeated field, packed or not."""
        found: list[int] = []
        for field in self.fields:
            if field.number == number and isinstance(field.value, int):
                found.append(field.value)
            elif field.number == number and isinstance(field.value, bytes):
                at = 0
                while at < len(field.value):
                    value, at = _varint(field.value, at)
                    found.append(value)
        return found


def unpacked(model: bytes) -> bytes:
    """Return a model with float32 weights whose inputs and outputs may have any shape.

    Args:
        model: content of an ONNX file; one without quantised weights keeps its weights.

    Raises:
        ValueError: for what is no ONNX model.
    """
    return b''.join(_encoded(GRAPH, _unpacked_graph(_Message(field.value)))
                    if field.number == GRAPH else field.raw for field in _Message(model).fields)


def _unpacked_graph(graph: _Message) -> bytes:
    """Return a graph that holds as constants what it would work out from constants alone.

    Nothing is kept that no node reads.
    """
    tensors = {tensor.text(8): tensor for tensor in map(_Message, graph.each(INITIALIZER))}
    constants: dict[str, np.ndarray] = {}

    def constant(name: str) -> np.ndarray:
        if name not in constants:
            constants[name] = _array(tensors[name])
        return constants[name]
    nodes, read = [], set()
    for node in map(_Message, graph.each(NODE)):
        names = [name.decode() for name in node.each(1)]
        is_constant = all(name in tensors or name in constants for name in names if name)
        if is_constant and node.text(4) == 'DequantizeLinear':
            constants[node.text(2)] = _dequantised(
                [constant(name) for name in names if name], node)
        elif is_constant and node.text(4) == 'Reshape':
            constants[node.text(2)] = constant(names[0]).reshape(constant(names[1]))
        else:
            nodes.append(node)
            read.update(names)
    return b''.join([
        *(_encoded(NODE, node.raw) for node in nodes),
        *(_encoded(INITIALIZER, tensors[name].raw if name in tensors
                   else _tensor(name, constants[name]))
          for name in sorted(read & (tensors.keys() | constants.keys()))),
        *(_encoded(number, _without_shape(info)) for number in (INPUT, OUTPUT)
          for info in map(_Message, graph.each(number))
          if number == OUTPUT or info.text(1) in read - tensors.keys())])


def _dequantised(inputs: list[np.ndarray], node: _Message) -> np.ndarray:
    """Return (x - zero point) * scale, per tensor, axis or block (ONNX DequantizeLinear 21)."""
    settings = {each.text(1): each.number(3) for each in map(_Message, node.each(5))}
    x, axis, block = inputs[0], settings.get('axis', 1), settings.get('block_size', 0)

    def spread(values: np.ndarray) -> np.ndarray:
        if block:
            return np.take(np.repeat(values, block, axis), range(x.shape[axis]), axis)
        return (values.reshape([-1 if each == axis else 1 for each in range(x.ndim)])
                if values.ndim == 1 and x.ndim else values)
    scale, *zero = (spread(values.astype(np.float32)) for values in inputs[1:])
    return np.asarray((x - zero[0] if zero else x) * scale, np.float32)


def _array(tensor: _Message) -> np.ndarray:
    """Return the values of a TensorProto that holds them as raw bytes."""
    kind = TYPES.get(tensor.number(2))
    if kind is None:
        raise ValueError(f'a tensor of type {tensor.number(2)}')
    return np.frombuffer(b''.join(tensor.each(9)), kind).reshape(tensor.numbers(1))


def _tensor(name: str, values: np.ndarray) -> bytes:
    """Return a TensorProto of float32 values."""
    return b''.join([*(_encoded(1, size) for size in values.shape), _encoded(2, FLOAT),
                     _encoded(8, name.encode()), _encoded(9, values.tobytes())])


def _without_shape(info: _Message) -> bytes:
    """Return the ValueInfoProto of a float32 tensor of any shape."""
    return b''.join(_encoded(1, name) for name in info.each(1)) + _encoded(
        2, _encoded(1, _encoded(1, FLOAT)))


def _fields(data: bytes) -> Iterator[_Field]:
    """Yield the fields of an encoded message."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _varint(data, at)
        else:
            if tag & 7 == 2:
                length, at = _varint(data, at)
            elif tag & 7 in (1, 5):
                length = 8 if tag & 7 == 1 else 4
            else:
                raise ValueError(f'field of type {tag & 7}')
            value, at = data[at:at + length], at + length
            if at > len(data):
                raise ValueError('it is cut off')
        yield _Field(tag >> 3, value, data[start:at])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a byte, and where it ends."""
    value, shift = 0, 0
    while at < len(data) and shift < 64:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at
    raise ValueError('it is cut off')


def _encoded(number: int, value: int | bytes) -> bytes:
    """Return a field of a number or of bytes."""
    if isinstance(value, int):
        return _as_varint(number << 3) + _as_varint(value)
    return _as_varint(number << 3 | 2) + _as_varint(len(value)) + value


def _as_varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
