# SPDX-License-Identifier: Apache-2.0
"""The training loop: distort, step, average, check on PublicTest, keep the best."""

from collections.abc import Iterator
import json
import math
import os
from pathlib import Path
import sys
import time

from emorec_training import checkpoint
from emorec_training import metrics
from emorec_training.augment import augment
from emorec_training.averaging import EVERY
from emorec_training.averaging import WeightAverage
from emorec_training.config import Config
from emorec_training.config import OptimizerConfig
from emorec_training.config import save_config
from emorec_training.dataset import Dataset
from emorec_training.dataset import Split
from emorec_training.networks import build_network
from emorec_training.plots import plot_learning_curves
from emorec_training.provenance import revision
from emorec_training.report import write_architecture
from emorec_training.schedule import learning_rate
from emorec_training.torch_speed import fused_batch_normalization
from emorec_vision.errors import InputError
import keras
import numpy as np
import tqdm

History = list[dict[str, float]]


def train(config: Config, data: Dataset, folder: Path, resume: bool = False) -> History:
    """Train on Training, keep in `folder` the weights that are best on PublicTest.

    Written there: config.yaml, architecture.txt, model.keras (best so far), result.json,
    learning_curves.png and checkpoint.npz (last epoch). An epoch depends on the seed and its
    number alone, so a resumed run repeats what an uninterrupted one does. Return one record
    per epoch.
    """
    if not resume and (folder / checkpoint.NAME).exists():
        raise InputError(f'{folder} holds an earlier run: add --resume, or name another --out')
    training, public = data.split('training'), data.split('public')
    keras.utils.set_random_seed(config.training.seed)
    model, best_model = _build(config)
    average = WeightAverage(model, config.training.ema_decay)
    history = checkpoint.restore(folder, model, average) if resume else []
    folder.mkdir(parents=True, exist_ok=True)
    save_config(config, folder / 'config.yaml')
    write_architecture(best_model, config, folder / 'architecture.txt')
    started = time.monotonic() - (history[-1]['seconds'] if history else 0.0)
    with fused_batch_normalization():
        while not _is_over(config, history):
            record = _train_epoch(model, average, training, config, len(history), started)
            with average.in_place():
                record |= evaluate_split(model, public)
            history.append(record)
            if record['public_accuracy'] == max(past['public_accuracy'] for past in history):
                _save_best(best_model, average, folder)
            checkpoint.save(folder, model, average, history)
            _write_result(config, data, history, folder)
            plot_learning_curves(history, folder / 'learning_curves.png')
            print(_line(config, history), flush=True)
    return history


def evaluate_split(model: keras.Model, split: Split) -> dict[str, float]:
    """Return loss (nats) and accuracy (0..1) of a network with logits on `split`."""
    logits = [keras.ops.convert_to_numpy(model.predict_on_batch(images[..., None]))
              for images in np.array_split(split.images, math.ceil(len(split.images) / 256))]
    probabilities = metrics.softmax(np.concatenate(logits))
    return {'public_loss': metrics.log_loss(probabilities, split.labels),
            'public_accuracy': metrics.accuracy(probabilities, split.labels)}


def _build(config: Config) -> tuple[keras.Model, keras.Model]:
    """Return the compiled network, and a float32 twin that carries the best weights."""
    twin = build_network(config.network)
    before = keras.config.dtype_policy()
    if config.training.precision == 'bfloat16':
        keras.config.set_dtype_policy('mixed_bfloat16')
    try:
        model = build_network(config.network)
    finally:
        keras.config.set_dtype_policy(before)
    model.compile(
        optimizer=make_optimizer(config.optimizer),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=config.optimizer.label_smoothing),
        metrics=['accuracy'], jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model, twin


def make_optimizer(config: OptimizerConfig) -> keras.optimizers.Optimizer:
    """Return the optimiser; weight decay is decoupled and spares biases and batch norm."""
    decay = config.weight_decay or None
    if config.name == 'sgd':
        optimizer = keras.optimizers.SGD(
            config.lr, momentum=0.9, nesterov=True, weight_decay=decay)
    else:
        kind = {'adam': keras.optimizers.Adam, 'adamw': keras.optimizers.AdamW}[config.name]
        optimizer = kind(config.lr, weight_decay=decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=['bias', 'gamma', 'beta'])
    return optimizer


def _is_over(config: Config, history: History) -> bool:
    if not history:
        return False
    patience = config.training.patience
    best = max(range(len(history)), key=lambda epoch: history[epoch]['public_accuracy'])
    stalled = bool(patience) and len(history) - 1 - best >= patience
    return stalled or history[-1]['progress'] >= 1.0


def _train_epoch(model: keras.Model, average: WeightAverage, split: Split, config: Config,
                 epoch: int, started: float) -> dict[str, float]:
    """Run epoch number `epoch`, counted from 0; with a time limit it may end early."""
    steps = math.ceil(len(split.images) / config.training.batch_size)
    bar = tqdm.tqdm(_batches(split, config, epoch), total=steps, leave=False, file=sys.stderr,
                    desc=f'epoch {epoch + 1}/{config.training.epochs}', disable=None)
    seen = np.zeros(3)
    for index, (images, targets) in enumerate(bar):
        step = epoch * steps + index
        progress = _progress(config, step / steps, time.monotonic() - started)
        if index and progress >= 1.0:
            break
        rate = learning_rate(config.optimizer, step, steps, progress)
        model.optimizer.learning_rate = rate
        logs = model.train_on_batch(images, targets, return_dict=True)
        seen += len(images) * np.array([1.0, float(logs['loss']), float(logs['accuracy'])])
        if (step + 1) % EVERY == 0 or index == steps - 1:
            average.update(step + 1)
    seconds = time.monotonic() - started
    return {'epoch': epoch + 1, 'loss': seen[1] / seen[0], 'accuracy': seen[2] / seen[0],
            'lr': rate, 'seconds': seconds, 'progress': _progress(config, epoch + 1, seconds)}


def _progress(config: Config, epochs: float, seconds: float) -> float:
    """Return the share of the run that is over, by epochs or by time, whichever is more."""
    by_time = seconds / (60 * config.training.minutes) if config.training.minutes else 0.0
    return max(epochs / config.training.epochs, by_time)


def _batches(split: Split, config: Config,
             epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield distorted pictures float32 (B, 48, 48, 1) and one-hot labels float32 (B, 7)."""
    rng = np.random.default_rng([config.training.seed, epoch])
    order = rng.permutation(len(split.images))
    for start in range(0, len(order), config.training.batch_size):
        rows = order[start:start + config.training.batch_size]
        images = augment(split.images[rows], config.augment, rng)
        yield (images[..., None].astype(np.float32),
               np.eye(7, dtype=np.float32)[split.labels[rows]])


def _save_best(twin: keras.Model, average: WeightAverage, folder: Path) -> None:
    twin.set_weights(average.weights)
    temporary = folder / 'model.tmp.keras'
    twin.save(temporary)
    os.replace(temporary, folder / 'model.keras')


def _write_result(config: Config, data: Dataset, history: History, folder: Path) -> None:
    best = max(history, key=lambda record: (record['public_accuracy'], record['epoch']))
    result = {'network': config.network.name, 'data_sha256': data.digest,
              'left_out_rows': len(data.left_out), 'seed': config.training.seed,
              'revision': revision(), 'backend': keras.backend.backend(),
              'best_epoch': best['epoch'],
              'public_accuracy': best['public_accuracy'], 'public_loss': best['public_loss'],
              'epochs': len(history), 'seconds': history[-1]['seconds']}
    temporary = folder / 'result.tmp.json'
    temporary.write_text(json.dumps(result, indent=2) + '\n')
    os.replace(temporary, folder / 'result.json')


def _line(config: Config, history: History) -> str:
    last = history[-1]
    best = max(record['public_accuracy'] for record in history)
    left = last['seconds'] * max(1 / last['progress'] - 1, 0) / 60
    return (f'epoch {last["epoch"]:.0f}/{config.training.epochs}: loss {last["loss"]:.4f}, '
            f'training {last["accuracy"]:.2%}, PublicTest {last["public_accuracy"]:.2%} '
            f'(best {best:.2%}), lr {last["lr"]:.2g}, about {left:.0f} min left')
