# SPDX-License-Identifier: Apache-2.0
"""What is learnt: images, and targets from labels, teachers and votes."""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import functools

from emorec_training.config import Config
from emorec_training.config import DistillConfig
from emorec_training.data.faces.live_crops import live_crops
from emorec_training.data.ferplus import posterior
from emorec_training.data.ferplus import vote_evidence
from emorec_training.evaluation.predictor import Predict
from emorec_training.train.batches import batches
import numpy as np

EpochBatches = Callable[[int], Iterator[tuple[np.ndarray, np.ndarray]]]
"""From the number of an epoch, from 0, to its batches: images uint8 (B, 48, 48) and targets
float32 (B, C)."""


@dataclasses.dataclass
class Task:
    """What is learnt, and what the best epoch is chosen on.

    Attributes:
        images: uint8 (N, 48, 48).
        targets: float32 (N, C), probabilities of the labels.
        validation_images: uint8 (M, 48, 48).
        validation_labels: int64 (M,).
        labels: the C names.
        digest: SHA-256 of the data.
        left_out: how many rows of the data are not learnt.
        validation_name: what the validation images are called for people.
        votes: those of FER+ on `images`, uint8 (N, 10), if they were given.
        scheme: which labels these are, one of labels.SCHEMES.
        teachers: SHA-256 by name of the files that are learnt from.
        saw_imagenet: whether a teacher, or what training starts from, has learnt from ImageNet.
    """

    images: np.ndarray
    targets: np.ndarray
    validation_images: np.ndarray
    validation_labels: np.ndarray
    labels: tuple[str, ...]
    digest: str = ''
    left_out: int = 0
    validation_name: str = 'PublicTest'
    votes: np.ndarray | None = None
    scheme: str = 'fer2013'
    teachers: dict[str, str] = dataclasses.field(default_factory=dict)
    saw_imagenet: bool = False


def training_batches(
        task: Task, config: Config, teacher: np.ndarray | Predict | None) -> EpochBatches:
    """Return what yields the batches of an epoch, with smoothed and blended targets.

    After distill.answered_epochs the same images are shown to the teacher again. Votes count
    with distill.votes of their evidence each, as those on one image depend on each other.

    Args:
        task: images and targets.
        config: the settings of the run.
        teacher: its probabilities for task.images, (N, C), or what gives them for the images of
            a batch.
    """
    smoothing, count = config.optimizer.label_smoothing, task.targets.shape[1]
    targets = task.targets * (1 - smoothing) + smoothing / count
    evidence = np.zeros_like(targets)
    if task.votes is not None and config.distill.votes:
        evidence = config.distill.votes * vote_evidence(task.votes, task.targets)
    if isinstance(teacher, np.ndarray):
        targets = blend(targets, posterior(teacher, evidence), config.distill)
    augment = config.augment
    crops = live_crops(task.images, augment.live_detector) if augment.live_crops else None
    # Evidence travels with the targets, so that mixup blends both.
    columns = np.hstack([targets, evidence]).astype(np.float32)
    shown = functools.partial(batches, task.images, columns, config, live_crops=crops)
    period = config.distill.answered_epochs if callable(teacher) else 0

    def epoch_batches(epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for batch in shown(epoch % period if period else epoch):
            wanted, votes = np.hsplit(batch.targets, [count])
            if callable(teacher):
                taught = posterior(teacher(batch.teacher_images), votes)
                wanted = blend(wanted, taught, config.distill)
            yield batch.images, wanted

    return epoch_batches


def blend(targets: np.ndarray, taught: np.ndarray, config: DistillConfig) -> np.ndarray:
    """Blend targets with the probabilities of a teacher (Hinton et al. 2015, arXiv 1503.02531).

    Args:
        targets: (N, C).
        taught: the teacher's probabilities, (N, C).
        config: its share and temperature.

    Returns:
        float32 (N, C).
    """
    soft = np.maximum(taught, 1e-9) ** (1 / config.temperature)
    soft /= soft.sum(axis=1, keepdims=True)
    return np.asarray((1 - config.weight) * targets + config.weight * soft, np.float32)
