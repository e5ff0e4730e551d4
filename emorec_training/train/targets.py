# SPDX-License-Identifier: Apache-2.0
"""What is learnt: images, and targets from labels, teachers and votes."""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import functools

from emorec_training.config import Config
from emorec_training.config import DistillConfig
from emorec_training.data.ferplus import vote_evidence
from emorec_training.data.ferplus import weigh
from emorec_training.data.live_crops import live_crops
from emorec_training.evaluation.predictor import Predict
from emorec_training.train.batches import batches
import numpy as np

Show = Callable[[int], Iterator[tuple[np.ndarray, np.ndarray]]]
"""From the number of an epoch to its portions."""


@dataclasses.dataclass
class Task:
    """What is learnt, and what the best epoch is chosen on.

    images: uint8 (N, 48, 48); targets: float32 (N, C), probabilities of the labels;
    check_images: uint8 (M, 48, 48); check_labels: int64 (M,); labels: the C names;
    digest and left_out say which data that is, scheme which of its labels (labels.SCHEMES);
    check_name is its name for people; votes are those of FER+ on `images`, uint8 (N, 10), where
    they were given; teachers: SHA-256 by name of the files whose answers are learnt from.
    """

    images: np.ndarray
    targets: np.ndarray
    check_images: np.ndarray
    check_labels: np.ndarray
    labels: tuple[str, ...]
    digest: str = ''
    left_out: int = 0
    check_name: str = 'PublicTest'
    votes: np.ndarray | None = None
    scheme: str = 'fer2013'
    teachers: dict[str, str] = dataclasses.field(default_factory=dict)


def lesson(task: Task, config: Config, teacher: np.ndarray | Predict | None) -> Show:
    """Return what yields the portions of an epoch as by `batches`, with smoothed, blended targets.

    `teacher` as for `train`; after distill.answered_epochs it is asked about the same images
    again. Votes count with distill.votes of their evidence each, as those on one image depend
    on each other.
    """
    smoothing, count = config.optimizer.label_smoothing, task.targets.shape[1]
    targets = task.targets * (1 - smoothing) + smoothing / count
    evidence = np.zeros_like(targets)
    if task.votes is not None and config.distill.votes:
        evidence = config.distill.votes * vote_evidence(task.votes, task.targets)
    if isinstance(teacher, np.ndarray):
        targets = blend(targets, weigh(teacher, evidence), config.distill)
    live = live_crops(task.images) if config.augment.live_crops else None
    columns = np.hstack([targets, evidence]).astype(np.float32)
    plain = functools.partial(batches, task.images, columns, config, live=live)
    repeat = config.distill.answered_epochs if callable(teacher) else 0

    def show(epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for portion in plain(epoch % repeat if repeat else epoch):
            goal, votes = np.hsplit(portion.targets, [count])
            if callable(teacher):
                answers = weigh(teacher(portion.judged), votes)
                goal = blend(goal, answers, config.distill)
            yield portion.shown, goal

    return show


def blend(targets: np.ndarray, answers: np.ndarray, config: DistillConfig) -> np.ndarray:
    """Return targets, float32 (N, C), with the share of a teacher's answers (N, C) in them.

    Hinton et al. 2015, arXiv 1503.02531.
    """
    soft = np.maximum(answers, 1e-9) ** (1 / config.temperature)
    soft /= soft.sum(axis=1, keepdims=True)
    return ((1 - config.weight) * targets + config.weight * soft).astype(np.float32)
