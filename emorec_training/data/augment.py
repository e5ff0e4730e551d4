# SPDX-License-Identifier: Apache-2.0
"""Distorts training images the way a live detector's boxes and cameras do."""

import dataclasses

import cv2
from emorec_training.config import AugmentConfig
import numpy as np


def augment(
        images: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Return distorted copies of images.

    One affine warp per image does flip, scale, rotation, shear and shift; edges are
    replicated, as in the face crop. Contrast and brightness follow, then erasing.

    Args:
        images: uint8 (N, S, S).
        config: the limits of each distortion.
        rng: draws the distortions.

    Returns:
        uint8 (N, S, S).
    """
    side = images.shape[1]
    matrices = random_affine(len(images), side, config, rng)
    warped = np.stack([
        cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR,
                       borderMode=cv2.BORDER_REPLICATE)
        for image, matrix in zip(images, matrices)])
    lit = _relight(warped, config, rng)
    _erase(lit, config.erase, rng)
    return lit


def weakened(config: AugmentConfig, strength: float) -> AugmentConfig:
    """Return settings that distort less with the same draws.

    Mirrored images stay mirrored, and nothing is erased.

    Args:
        config: the settings of the full distortion.
        strength: share, 0..1, of each distortion that is left.
    """
    return dataclasses.replace(
        config, shift=config.shift * strength, scale_min=config.scale_min ** strength,
        scale_max=config.scale_max ** strength, rotation=config.rotation * strength,
        shear=config.shear * strength, contrast=config.contrast * strength,
        brightness=config.brightness * strength, erase=0.0)


def draw_mixup(count: int, alpha: float,
               rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the partner and the weight of each image for mixup.

    Zhang et al. 2018, arXiv 1710.09412, with a weight of its own for each pair.

    Args:
        count: how many images are blended, N.
        alpha: parameter of Beta(alpha, alpha), from which the weights are drawn.
        rng: draws pairs and weights.

    Returns:
        The index of each partner, int64 (N,), and the weight of the image itself, at least one
        half, float32 (N,).
    """
    weight = rng.beta(alpha, alpha, count).astype(np.float32)
    return rng.permutation(count), np.maximum(weight, 1 - weight)


def mixup(values: np.ndarray, partner: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Blend images, uint8 (N, S, S), or targets, float32 (N, C), as `draw_mixup` has drawn."""
    own = weight.reshape(-1, *[1] * (values.ndim - 1))
    blended: np.ndarray = own * values + (1 - own) * values[partner]
    return np.rint(blended).astype(np.uint8) if values.dtype == np.uint8 else blended


def random_affine(
        count: int, side: int, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Draw matrices that turn, scale, shear and flip about the centre, and shift.

    Args:
        count: how many, N.
        side: of the images, px.
        config: the limits.
        rng: draws them.

    Returns:
        float64 (N, 2, 3), from source to target pixels.
    """
    angle = np.deg2rad(rng.uniform(-config.rotation, config.rotation, count))
    scale = np.exp(rng.uniform(np.log(config.scale_min), np.log(config.scale_max), count))
    shear = rng.uniform(-config.shear, config.shear, count)
    mirror = np.where(rng.random(count) < config.flip, -1.0, 1.0)
    shift = rng.uniform(-config.shift, config.shift, (count, 2)) * side
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.empty((count, 2, 2))
    linear[:, 0, 0], linear[:, 0, 1] = mirror * cosine, shear * cosine - sine
    linear[:, 1, 0], linear[:, 1, 1] = mirror * sine, shear * sine + cosine
    centre = np.full(2, (side - 1) / 2)
    offset = centre + shift - linear @ centre
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _relight(
        images: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Change contrast about middle gray, and brightness."""
    gain = 1 + rng.uniform(-config.contrast, config.contrast, (len(images), 1, 1))
    offset = rng.uniform(-config.brightness, config.brightness, (len(images), 1, 1))
    lit = (images - np.float32(128)) * gain.astype(np.float32)
    lit += (128 + offset).astype(np.float32)
    return np.rint(np.clip(lit, 0, 255)).astype(np.uint8)


def _erase(images: np.ndarray, probability: float, rng: np.random.Generator) -> None:
    """Fill a random box of 1/8 to 3/8 of each side with one random gray, in place."""
    count, height, width = images.shape
    for index in np.flatnonzero(rng.random(count) < probability):
        box_height, box_width = (int(side * rng.uniform(1 / 8, 3 / 8))
                                 for side in (height, width))
        top = rng.integers(0, height - box_height + 1)
        left = rng.integers(0, width - box_width + 1)
        images[index, top:top + box_height, left:left + box_width] = rng.integers(0, 256)
