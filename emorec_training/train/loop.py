# SPDX-License-Identifier: Apache-2.0
"""The training loop: distort, step, average, check on the validation split, keep the best."""

from collections.abc import Callable
import math
from pathlib import Path
import sys
import time
from typing import Any

from emorec_training.config import Config
from emorec_training.config import save_config
from emorec_training.engines.engine import Engine
from emorec_training.engines.engine import make_engine
from emorec_training.evaluation import metrics
from emorec_training.evaluation.predictor import Predict
from emorec_training.evaluation.predictor import read_result
from emorec_training.networks import build_network
from emorec_training.networks.architecture import write_architecture
from emorec_training.plots import plot_learning_curves
from emorec_training.provenance import revision
from emorec_training.train import checkpoint
from emorec_training.train.averaging import EVERY
from emorec_training.train.averaging import WeightAverage
from emorec_training.train.batches import statistics_batches
from emorec_training.train.prefetch import ahead
from emorec_training.train.run_lock import alone
from emorec_training.train.schedule import learning_rate
from emorec_training.train.targets import lesson
from emorec_training.train.targets import Show
from emorec_training.train.targets import Task
from emorec_training.train.tensorboard_log import TensorboardLog
from emorec_vision.errors import InputError
from emorec_vision.files import make_folder
from emorec_vision.files import replace
from emorec_vision.files import write_json
import numpy as np
import tqdm

History = list[dict[str, float]]


class Diverged(InputError):
    """The weights have grown beyond numbers; what was learnt before is still on disk."""


def train(config: Config, task: Task, folder: Path, resume: bool = False,
          start: list[np.ndarray] | None = None, teacher: np.ndarray | Predict | None = None,
          on_epoch: Callable[[dict[str, float]], None] = lambda record: None) -> History:
    """Train, and keep in `folder` the weights that are best on the check images.

    `start` are weights to begin with (in the order of keras.Model.get_weights), `teacher`
    answers to learn from beside the labels, probabilities float32 (N, C), or who gives them for
    the images of each step as they are shown; `on_epoch` is called with the record of each
    epoch and may raise to end the run.
    Written there: config.yaml, architecture.txt, model.keras (best so far), result.json,
    learning_curves.png, TensorBoard events and checkpoint.npz (last epoch). An epoch depends
    on the seed and its number alone, so a resumed run repeats what an uninterrupted one does.
    Return one record per epoch. Raise Diverged where loss or weights stop being numbers, and
    InputError where another training writes to `folder`.
    """
    make_folder(folder)
    with alone(folder, wait=False):
        return _train(config, task, folder, resume, start, teacher, on_epoch)


def _train(config: Config, task: Task, folder: Path, resume: bool,
           start: list[np.ndarray] | None, teacher: np.ndarray | Predict | None,
           on_epoch: Callable[[dict[str, float]], None]) -> History:
    if not resume and (folder / checkpoint.NAME).exists():
        raise InputError(f'{folder} holds an earlier run: add --resume, or name another --out')
    config.network.classes = len(task.labels)
    engine = make_engine(config, class_weights(task.targets, config.optimizer.class_weighting))
    if start is not None:
        _start_from(engine, start, config)
    average = WeightAverage(engine.get_weights(), config.training.ema_decay)
    history = _resume(folder, task, engine, average) if resume else []
    best = build_network(config.network)
    save_config(config, folder / 'config.yaml')
    write_architecture(best, config, folder / 'architecture.txt')
    show = lesson(task, config, teacher)
    log = TensorboardLog(folder, history)
    if _is_over(config, history):
        print(f'{folder}: over after {len(history)} epochs; more --epochs, --minutes or '
              '--patience go on', flush=True)
    started = time.monotonic() - (history[-1]['seconds'] if history else 0.0)
    while not _is_over(config, history):
        record = _train_epoch(engine, average, show, len(task.images), config, len(history),
                              started)
        if math.isfinite(record['loss']) and _are_numbers(engine, average):
            record |= _check(engine, average, task, config)
        if not math.isfinite(record.get('check_loss', math.nan)):
            raise Diverged(f'the loss is no number any more in epoch {len(history) + 1}: begin '
                           f'anew, or --resume {folder} from the epoch before, with a smaller '
                           '--lr')
        history.append(record)
        # First of all, since it names the labels of the weights, and before the checkpoint, since
        # a run that was killed here does the epoch again.
        _write_result(config, task, engine, history, folder)
        if record['check_accuracy'] == max(past['check_accuracy'] for past in history):
            best.set_weights(average.weights)
            with replace(folder / 'model.keras') as temporary:
                best.save(temporary)
        checkpoint.save(folder, engine, average, history)
        plot_learning_curves(history, task.check_name, folder / 'learning_curves.png')
        print(_line(config, task, history), flush=True)
        log.add(record)
        on_epoch(record)
    return history


def _start_from(engine: Engine, start: list[np.ndarray], config: Config) -> None:
    if [part.shape for part in start] != [part.shape for part in engine.get_weights()]:
        raise InputError('--start-from: the weights do not fit network '
                         f'{config.network.name} with {config.network.classes} labels')
    engine.set_weights(start)


def _what_is_learnt(task: Task) -> dict[str, Any]:
    return {'labels': list(task.labels), 'label_scheme': task.scheme, 'data_sha256': task.digest}


def _resume(folder: Path, task: Task, engine: Engine, average: WeightAverage) -> History:
    """Go on where a run stopped, and only with the labels and the data that it was begun with."""
    before = read_result(folder)
    for name, now in _what_is_learnt(task).items():
        if before.get(name, now) != now:
            raise InputError(f'--resume: {folder} was begun with {name} {before[name]}, not '
                             f'{now}; give the same data, --labels and --classes')
    if before.get('teachers') and not task.teachers:
        raise InputError(f'--resume: {folder} learns from {", ".join(before["teachers"])}: go on '
                         'with "emorec emotions distill", which is given them')
    task.teachers = before.get('teachers', {}) | task.teachers
    return checkpoint.restore(folder, engine, average)


def class_weights(targets: np.ndarray, power: float) -> np.ndarray:
    """Return the weight of each class, float32 (C,), of which an image has 1 on average.

    A class without an image, of which label smoothing asks a little as well, has 1.
    """
    sums = targets.sum(axis=0)
    counts = np.maximum(sums, 1)[sums > 0]
    scaled = (counts.mean() / counts) ** power
    weights = np.ones(len(sums), np.float32)
    weights[sums > 0] = scaled * counts.sum() / (scaled @ counts)
    return weights


def _train_epoch(engine: Engine, average: WeightAverage, show: Show, count: int, config: Config,
                 epoch: int, started: float) -> dict[str, float]:
    """Run epoch number `epoch`, counted from 0, on `count` images; it may end early by time."""
    steps = math.ceil(count / config.training.batch_size)
    engine.begin_epoch(epoch)
    bar = tqdm.tqdm(ahead(show(epoch)), total=steps, leave=False, file=sys.stderr,
                    disable=None, desc=f'epoch {epoch + 1}/{config.training.epochs}')
    seen, losses, hits, last_averaged = 0, 0.0, 0, 0
    for index, (images, wanted) in enumerate(bar):
        step = epoch * steps + index
        progress = _progress(config, step / steps, time.monotonic() - started)
        if index and progress >= 1.0:
            break
        rate = learning_rate(config.optimizer, step, steps, progress)
        loss, right = engine.step(images, wanted, rate)
        seen, losses, hits = seen + len(images), losses + loss * len(images), hits + right
        if (step + 1) % EVERY == 0 or index == steps - 1:
            average.update(engine.get_weights(), index + 1 - last_averaged)
            last_averaged = index + 1
    seconds = time.monotonic() - started
    return {'epoch': epoch + 1, 'loss': losses / seen, 'accuracy': hits / seen, 'lr': rate,
            'seconds': seconds, 'progress': _progress(config, epoch + 1, seconds)}


def _are_numbers(engine: Engine, average: WeightAverage) -> bool:
    return all(np.isfinite(part).all() for part in (*engine.get_weights(), *average.weights))


def _check(engine: Engine, average: WeightAverage, task: Task,
           config: Config) -> dict[str, float]:
    """Measure the averaged weights, whose batch-norm statistics are measured anew."""
    own = engine.state()
    engine.set_weights(average.weights)
    if config.training.ema_decay:
        engine.measure_statistics(statistics_batches(task.images, config.training.seed))
        average.weights = engine.get_weights()
    probabilities = metrics.softmax(engine.logits(task.check_images))
    engine.load_state(own)
    return {'check_loss': metrics.log_loss(probabilities, task.check_labels),
            'check_accuracy': metrics.accuracy(probabilities, task.check_labels)}


def _is_over(config: Config, history: History) -> bool:
    """Tell whether no more epoch is due; where time left for less than half of one, none is."""
    if not history:
        return False
    patience = config.training.patience
    best = max(range(len(history)), key=lambda epoch: history[epoch]['check_accuracy'])
    stalled = bool(patience) and len(history) - 1 - best >= patience
    epochs, seconds = history[-1]['epoch'], history[-1]['seconds']
    took = seconds - (history[-2]['seconds'] if epochs > 1 else 0.0)
    left = 1 - _progress(config, epochs, seconds)
    return stalled or left < _progress(config, 1, took) / 2


def _progress(config: Config, epochs: float, seconds: float) -> float:
    """Return the share of the run that is over, by epochs or by time, whichever is more."""
    by_time = seconds / (60 * config.training.minutes) if config.training.minutes else 0.0
    return max(epochs / config.training.epochs, by_time)


def _write_result(config: Config, task: Task, engine: Engine, history: History,
                  folder: Path) -> None:
    best = max(history, key=lambda record: (record['check_accuracy'], record['epoch']))
    write_json(folder / 'result.json', {
        'network': config.network.name, **_what_is_learnt(task), 'left_out_rows': task.left_out,
        'teachers': task.teachers, 'seed': config.training.seed, 'revision': revision(),
        'engine': engine.name,
        'checked_on': task.check_name, 'best_epoch': best['epoch'],
        'accuracy': best['check_accuracy'], 'log_loss': best['check_loss'],
        'epochs': len(history), 'seconds': history[-1]['seconds'], 'history': history})


def _line(config: Config, task: Task, history: History) -> str:
    last = history[-1]
    best = max(record['check_accuracy'] for record in history)
    left = last['seconds'] * max(1 / last['progress'] - 1, 0) / 60
    return (f'epoch {last["epoch"]:.0f}/{config.training.epochs}: loss {last["loss"]:.4f}, '
            f'training {last["accuracy"]:.2%}, {task.check_name} {last["check_accuracy"]:.2%} '
            f'(best {best:.2%}), lr {last["lr"]:.2g}, about {left:.0f} min left')
