# SPDX-License-Identifier: Apache-2.0
"""Drawn images of people, and a model that reads their mean gray level against their rest."""
from pathlib import Path

import cv2
from emorec_vision.emotion.expression_space import ExpressionSpace
from emorec_vision.emotion.expression_space import KEY
from emorec_vision.emotion.expression_space import statistics
from emorec_vision.emotion.expression_space import STRENGTH
from emorec_vision.emotion.model import LOGITS
from emorec_vision.emotions import EMOTIONS
from gray_images import gray_image
from gray_images import STEP
import numpy as np
import onnx
from onnx import helper
from onnx_models import write_model

REST = 6 * STEP
"""Mean gray level of Neutral."""


def spaced_model(path: Path) -> Path:
    """Write the model of onnx_models.write_model, which also says where expressions lie."""
    write_model(path)
    model = onnx.load(path)
    model.graph.output.append(helper.make_tensor_value_info(
        LOGITS, onnx.TensorProto.FLOAT, ['N', len(EMOTIONS)]))
    rng = np.random.default_rng(0)
    classes = np.arange(700) % 7
    levels = classes * STEP + rng.normal(0, 25, 700)
    middles = np.arange(7) * STEP
    logits = levels[:, None] * middles / 20 - middles ** 2 / 40
    helper.set_model_props(model, {
        **{entry.key: entry.value for entry in model.metadata_props},
        KEY: statistics(logits, classes, EMOTIONS)})
    onnx.save(model, str(path))
    return path


def space_of_levels() -> ExpressionSpace:
    """Return a space of seven coordinates in which each emotion but Neutral has one of its own."""
    means = np.eye(7) * 6.0
    means -= means.mean(axis=1, keepdims=True)
    return ExpressionSpace.measured(means, np.eye(7), np.full(7, 1 / 7), EMOTIONS)


def shown(label: int, shift: int, rng: np.random.Generator) -> np.ndarray:
    """Return a face, uint8 (48, 48), of somebody whose rest is `shift` levels from the usual."""
    return gray_image(round(REST + STRENGTH * (label * STEP - REST) + shift), rng)


def write_images(folder: Path, images: dict[str, np.ndarray]) -> Path:
    """Write images by their paths below a folder."""
    for name, image in images.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), image)
    return folder


def write_people(folder: Path, each: int = 2) -> Path:
    """Write Happy, Sad and Neutral images of four people, `each` of each emotion."""
    rng = np.random.default_rng(5)
    return write_images(folder, {
        f'p{number}.{name}.{image}.png': shown(EMOTIONS.index(name), shift, rng)
        for number, shift in enumerate((-70, -55, -40, -25))
        for name in ('Happy', 'Sad', 'Neutral') for image in range(each)})
