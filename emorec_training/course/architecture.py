# SPDX-License-Identifier: Apache-2.0
"""my_own_model_architecture.txt: the layers, why this network, and the iterations."""

from pathlib import Path
import textwrap
from typing import Any

from emorec_training.config import Config
from emorec_training.networks import build_network
from emorec_training.networks import NETWORKS
from emorec_training.networks.architecture import multiply_adds
from emorec_training.networks.architecture import summary_lines
from emorec_training.networks.architecture import trainable_parameters
from emorec_vision.files.access import write_text

WIDTH: int = 99


def write_course_architecture(config: Config, reason: str, history: list[dict[str, float]],
                              path: Path) -> None:
    """Write model.summary() in whole lines, why this network, and what was tried.

    Args:
        config: of the run.
        reason: why it was chosen, see plan.Plan.
        history: the records of the run, see loop.train.
        path: the text file.
    """
    model = build_network(config.network)
    cost = (f'{trainable_parameters(model):,} trainable parameters, '
            f'{multiply_adds(model) / 1e6:.1f} million multiply-adds per image')
    write_text(path, '\n'.join([
        *summary_lines(model), '', cost, '',
        'Why this network', '', *_filled(NETWORKS[config.network.name].WHY),
        *_filled(reason), '', 'The iterations', '', *_iterations(config, history), '']))


def _iterations(config: Config, history: list[dict[str, float]]) -> list[str]:
    best = max(history, key=lambda record: (record['check_accuracy'], record['epoch']))
    chosen: dict[str, Any] = vars(config.training) | vars(config.optimizer) | {
        'optimizer': config.optimizer.name}
    told = ', '.join(f'{name} {chosen[name]}' for name in (
        'optimizer', 'lr', 'schedule', 'weight_decay', 'label_smoothing', 'batch_size',
        'ema_decay', 'minutes', 'patience', 'engine', 'precision', 'seed'))
    lines = [f'Settings: {told}.',
             'The epochs of this run. Training is measured on distorted images while it learns, '
             'so it can be lower; what is held out is a tenth of train.csv.']
    text = [each for line in lines for each in _filled(line)]
    text += ['', 'epoch  loss    training  held out, loss  held out, accuracy']
    text += [f'{record["epoch"]:5.0f}  {record["loss"]:6.4f}  {record["accuracy"]:8.2%}  '
             f'{record["check_loss"]:14.4f}  {record["check_accuracy"]:18.2%}'
             f'{"  <- kept" if record is best else ""}' for record in history]
    ends = (f'{len(history) - best["epoch"]:.0f} more epochs brought nothing better' if
            history[-1] is not best else 'the last epoch was the best')
    return [*text, '', *_filled(f'Epoch {best["epoch"]:.0f} is kept: {ends}. '
                                f'Early stopping waits for {config.training.patience} epochs.')]


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
