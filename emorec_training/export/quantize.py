# SPDX-License-Identifier: Apache-2.0
"""Eight-bit weights and activations for a network in ONNX."""

from collections.abc import Iterator
import contextlib
import logging
from pathlib import Path
import tempfile
from typing import Any

from emorec_training.export.onnx_graph import run_onnx
from emorec_training.export.onnx_input import rewrite_input
from emorec_vision.emotion.model import open_session
import numpy as np
import onnx
import onnxruntime
from onnxruntime import quantization

IMAGES: int = 512
"""Images that the ranges of the activations are measured on."""

BATCH: int = 32


def quantize(network: onnx.ModelProto, images: np.ndarray) -> tuple[onnx.ModelProto, int]:
    """Quantise a network to int8 weights per channel.

    Operators stand between QuantizeLinear and DequantizeLinear (static, QDQ), activations are
    uint8. Processors without VNNI add pairs of products in 16 bits, which saturate with weights
    of 8 bits (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html), so
    7 bits are tried as well, and what comes nearer to `network` on `images` is kept. Where VNNI
    hides that fault, only 7 bits are tried, so that the file is right on every machine.

    Args:
        network: from uint8 (N, 48, 48) to logits.
        images: uint8 (M, 48, 48), to measure the activations on.

    Returns:
        The quantised network, and how many bits of its weights are used.
    """
    with tempfile.TemporaryDirectory(prefix='emorec-') as folder, _quiet():
        whole = _fuse(network, Path(folder))
        expected = run_onnx(onnx.load(whole), images)
        found = []
        for bits in (7,) if has_vnni() else (7, 8):
            file = Path(folder) / f'{bits}.onnx'
            quantization.quantize_static(
                whole, file, _CalibrationImages(whole, images), per_channel=True,
                reduce_range=bits == 7, quant_format=quantization.QuantFormat.QDQ,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8)
            model = onnx.load(file)
            distance = float(np.square(run_onnx(model, images) - expected).mean())
            found.append((distance, bits, model))
    _, bits, nearest = min(found, key=lambda each: each[:2])
    return nearest, bits


def _fuse(network: onnx.ModelProto, folder: Path) -> Path:
    """Write the network with its scaling and normalisation worked into what follows them."""
    source, fused = folder / 'source.onnx', folder / 'fused.onnx'
    onnx.save(network, source)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(fused)
    onnxruntime.InferenceSession(str(source), options, providers=['CPUExecutionProvider'])
    onnx.save(rewrite_input(onnx.load(fused)), fused)
    return fused


def has_vnni(cpu_info: Path = Path('/proc/cpuinfo')) -> bool:
    """Return whether this processor adds products of int8 in 32 bits."""
    try:
        return 'vnni' in cpu_info.read_text(encoding='utf-8')
    except OSError:
        return False


class _CalibrationImages(quantization.CalibrationDataReader):
    """The images on which the ranges are measured, in batches."""

    def __init__(self, file: Path, images: np.ndarray) -> None:
        self._name = open_session(file).get_inputs()[0].name
        self._batches = (images[start:start + BATCH] for start in range(0, len(images), BATCH))

    def get_next(self) -> Any:
        """Return the inputs of one run, None after the last."""
        batch = next(self._batches, None)
        return None if batch is None else {self._name: batch}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop the advice that onnxruntime.quantization logs; what fails is raised."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
