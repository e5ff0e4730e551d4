# SPDX-License-Identifier: Apache-2.0
"""The training loop: distort, step, average, validate, keep the best weights."""

from collections.abc import Callable
import math
from pathlib import Path
import sys
import time
from time import perf_counter
from typing import Any

from emorec_training.config import Config
from emorec_training.config import save_config
from emorec_training.config import TrainingConfig
from emorec_training.engines.engine import make_engine
from emorec_training.evaluation import metrics
from emorec_training.evaluation.predictor import Predict
from emorec_training.evaluation.predictor import read_result
from emorec_training.networks import build_network
from emorec_training.networks.architecture import write_architecture
from emorec_training.networks.pretrained import check_pretrained
from emorec_training.networks.pretrained import imagenet_weights
from emorec_training.provenance import revision
from emorec_training.train import checkpoint
from emorec_training.train.averaging import UPDATE_INTERVAL
from emorec_training.train.averaging import WeightAverage
from emorec_training.train.batches import statistics_batches
from emorec_training.train.class_weights import class_weights
from emorec_training.train.figures import plot_learning_curves
from emorec_training.train.prefetch import prefetch
from emorec_training.train.run_lock import run_lock
from emorec_training.train.schedule import is_finished
from emorec_training.train.schedule import learning_rate
from emorec_training.train.schedule import progress_of
from emorec_training.train.targets import EpochBatches
from emorec_training.train.targets import Task
from emorec_training.train.targets import training_batches
from emorec_training.train.tensorboard_log import TensorboardLog
from emorec_vision.errors import InputError
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import replace
from emorec_vision.files.access import write_json
import numpy as np
import tqdm

History = list[dict[str, float]]


TIMED_STEPS: int = 10
"""Steps after the first one, which compiles, by which the length of the run is told."""


class Diverged(InputError):
    """The loss or the weights are no finite numbers; earlier epochs are still on disk."""


def train(config: Config, task: Task, folder: Path, resume: bool = False,
          start: list[np.ndarray] | None = None, teacher: np.ndarray | Predict | None = None,
          on_epoch: Callable[[dict[str, float]], None] = lambda record: None) -> History:
    """Train, and keep the weights that are best on the validation images.

    Written are config.yaml, architecture.txt, model.keras (best so far), result.json,
    learning_curves.png, TensorBoard events and checkpoint.npz (last epoch). An epoch depends on
    the seed and its number alone, so a resumed run repeats what an uninterrupted one does.

    Args:
        config: all settings; network.classes is set to those of the task.
        task: what is learnt.
        folder: where the run is kept.
        resume: whether to go on with the run in `folder`.
        start: weights to begin with, in the order of keras.Model.get_weights.
        teacher: probabilities to learn from beside the labels, float32 (N, C), or what gives
            them for the images of each step, see distill.make_teacher.
        on_epoch: called with the record of each epoch; may raise to end the run.

    Returns:
        One record per epoch: epoch (from 1), loss, accuracy, lr, seconds, progress (share of
        the run), check_loss and check_accuracy (on the validation images).

    Raises:
        Diverged: if loss or weights are no finite numbers any more.
        InputError: if another training writes to `folder`, or what is to be resumed or started
            from does not fit.
    """
    make_folder(folder)
    with run_lock(folder, wait=False):
        checkpoint.check_folder(folder, resume)
        run = _Run(config, task, folder, start, resume)
        if resume:
            run.restore()
        run.write_settings()
        if not run.history:
            run.save_start()
        epoch_batches = training_batches(task, config, teacher)
        log = TensorboardLog(folder, run.history)
        if is_finished(config.training, run.history):
            print(f'{folder}: over after {len(run.history)} epochs; more --epochs, --minutes or '
                  '--patience go on', flush=True)
        started = time.monotonic() - (run.history[-1]['seconds'] if run.history else 0.0)
        while not is_finished(config.training, run.history):
            record = run.train_epoch(epoch_batches, started)
            record |= run.validate(record['loss'])
            run.save(record)
            print(_progress_line(config, task, run.history), flush=True)
            log.add(record)
            on_epoch(record)
        return run.history


class _Run:
    """A network in training, and what its folder keeps of it."""

    def __init__(self, config: Config, task: Task, folder: Path,
                 start: list[np.ndarray] | None, resume: bool) -> None:
        config.network.classes = len(task.labels)
        if start is not None:
            config.network.pretrained = 'none'
        self._config, self._task, self._folder = config, task, folder
        is_pretrained = config.network.pretrained != 'none' and not resume
        if is_pretrained:
            check_pretrained(config.network)
        task.saw_imagenet |= config.network.pretrained == 'imagenet'
        self._engine = make_engine(
            config, class_weights(task.targets, config.optimizer.class_weighting))
        if start is not None:
            self._set_start_weights(start)
        elif is_pretrained:
            self._engine.set_weights(
                imagenet_weights(config.network, self._engine.get_weights()))
        self._average = WeightAverage(self._engine.get_weights(), config.training.ema_decay)
        self._best = build_network(config.network)
        self.history: History = []

    def _set_start_weights(self, start: list[np.ndarray]) -> None:
        shapes = [part.shape for part in self._engine.get_weights()]
        if [part.shape for part in start] != shapes:
            network = self._config.network
            raise InputError('--start-from: the weights do not fit network '
                             f'{network.name} with {network.classes} labels')
        self._engine.set_weights(start)

    def restore(self) -> None:
        """Go on where the run in the folder stopped, with the same labels and data only."""
        before = read_result(self._folder)
        for name, now in _identity(self._task).items():
            if before.get(name, now) != now:
                raise InputError(
                    f'--resume: {self._folder} was begun with {name} {before[name]}, not {now}; '
                    'give the same data, --labels and --classes')
        teachers = before.get('teachers', {})
        if teachers and not self._task.teachers:
            raise InputError(f'--resume: {self._folder} learns from {", ".join(teachers)}: go on '
                             'with "emorec emotions distill", which is given them')
        self._task.teachers = teachers | self._task.teachers
        self._task.saw_imagenet |= before.get('saw_imagenet', False)
        self.history = checkpoint.restore(self._folder, self._engine, self._average)

    def save_start(self) -> None:
        """Write a checkpoint of no epoch, from which a run killed in its first one goes on."""
        self._write_result()
        checkpoint.save(self._folder, self._engine, self._average, self.history)

    def write_settings(self) -> None:
        """Write config.yaml and architecture.txt."""
        save_config(self._config, self._folder / 'config.yaml')
        write_architecture(self._best, self._config, self._folder / 'architecture.txt')

    def train_epoch(self, epoch_batches: EpochBatches, started: float) -> dict[str, float]:
        """Train the next epoch, which may end early by time, and return its record."""
        config, epoch = self._config.training, len(self.history)
        steps = math.ceil(len(self._task.images) / config.batch_size)
        self._engine.begin_epoch(epoch)
        bar = tqdm.tqdm(prefetch(epoch_batches(epoch)), total=steps, leave=False,
                        file=sys.stderr, disable=None, desc=f'epoch {epoch + 1}/{config.epochs}')
        seen, losses, hits, last_averaged = 0, 0.0, 0, 0
        timed_from = 0.0
        for index, (images, targets) in enumerate(bar):
            if epoch == 0 and index == 1:
                timed_from = perf_counter()
            if epoch == 0 and index == 1 + TIMED_STEPS:
                each = (perf_counter() - timed_from) / TIMED_STEPS
                bar.write(_expectation(config, steps, each), file=sys.stderr)
            step = epoch * steps + index
            progress = progress_of(config, step / steps, time.monotonic() - started)
            if index and progress >= 1.0:
                break
            rate = learning_rate(self._config.optimizer, step, steps, progress)
            loss, correct = self._engine.step(images, targets, rate)
            seen, losses, hits = seen + len(images), losses + loss * len(images), hits + correct
            if (step + 1) % UPDATE_INTERVAL == 0 or index == steps - 1:
                self._average.update(self._engine.get_weights(), index + 1 - last_averaged)
                last_averaged = index + 1
        seconds = time.monotonic() - started
        return {'epoch': epoch + 1, 'loss': losses / seen, 'accuracy': hits / seen, 'lr': rate,
                'seconds': seconds, 'progress': progress_of(config, epoch + 1, seconds)}

    def validate(self, loss: float) -> dict[str, float]:
        """Measure the averaged weights, with batch-norm statistics of their own."""
        if not (math.isfinite(loss) and self._is_finite()):
            raise self._divergence()
        task, state = self._task, self._engine.state()
        self._engine.set_weights(self._average.weights)
        if self._config.training.ema_decay:
            self._engine.update_batch_norm(
                statistics_batches(task.images, self._config.training.seed))
            self._average.weights = self._engine.get_weights()
        probabilities = metrics.softmax(self._engine.logits(task.validation_images))
        self._engine.load_state(state)
        check_loss = metrics.log_loss(probabilities, task.validation_labels)
        if not math.isfinite(check_loss):
            raise self._divergence()
        return {'check_loss': check_loss,
                'check_accuracy': metrics.accuracy(probabilities, task.validation_labels)}

    def _divergence(self) -> Diverged:
        return Diverged(f'the loss is no number any more in epoch {len(self.history) + 1}: begin '
                        f'anew, or --resume {self._folder} from the epoch before, with a smaller '
                        '--lr')

    def _is_finite(self) -> bool:
        return all(np.isfinite(part).all()
                   for part in (*self._engine.get_weights(), *self._average.weights))

    def save(self, record: dict[str, float]) -> None:
        """Add the record of an epoch, and write what the folder keeps.

        result.json comes first, since it names the labels of the weights, and the checkpoint
        last, since a run that was killed before it does the epoch again.
        """
        self.history.append(record)
        self._write_result()
        if record['check_accuracy'] == max(past['check_accuracy'] for past in self.history):
            self._best.set_weights(self._average.weights)
            with replace(self._folder / 'model.keras') as temporary:
                self._best.save(temporary)
        checkpoint.save(self._folder, self._engine, self._average, self.history)
        plot_learning_curves(
            self.history, self._task.validation_name, self._config.network.name,
            self._folder / 'learning_curves.png')

    def _write_result(self) -> None:
        task, history = self._task, self.history
        result = {
            'network': self._config.network.name, **_identity(task),
            'left_out_rows': task.left_out, 'teachers': task.teachers,
            'saw_imagenet': task.saw_imagenet,
            'seed': self._config.training.seed, 'revision': revision(),
            'engine': self._engine.name, 'checked_on': task.validation_name}
        if history:
            best = max(history, key=lambda record: (record['check_accuracy'], record['epoch']))
            result |= {'best_epoch': best['epoch'], 'accuracy': best['check_accuracy'],
                       'log_loss': best['check_loss'], 'seconds': history[-1]['seconds']}
        write_json(self._folder / 'result.json',
                   result | {'epochs': len(history), 'history': history})


def _identity(task: Task) -> dict[str, Any]:
    """Return what tells this task from others, as result.json holds it."""
    return {'labels': list(task.labels), 'label_scheme': task.scheme, 'data_sha256': task.digest}


def _expectation(config: TrainingConfig, steps: int, each: float) -> str:
    """Return how long a run takes whose epochs have so many steps of `each` s, as a line."""
    whole = config.epochs * steps * each / 60
    limit = f', but --minutes ends it after {config.minutes:g}' * bool(
        config.minutes and config.minutes < whole)
    early = f'; {config.patience} epochs without a better one end it' * bool(config.patience)
    return (f'emorec: {steps * each:.0f} s for an epoch, about {whole:.0f} min for all '
            f'{config.epochs} and longer by their validation{limit}{early}')


def _progress_line(config: Config, task: Task, history: History) -> str:
    last = history[-1]
    best = max(record['check_accuracy'] for record in history)
    left = last['seconds'] * max(1 / last['progress'] - 1, 0) / 60
    return (f'epoch {last["epoch"]:.0f}/{config.training.epochs}: loss {last["loss"]:.4f}, '
            f'training {last["accuracy"]:.2%}, {task.validation_name} '
            f'{last["check_accuracy"]:.2%} (best {best:.2%}), lr {last["lr"]:.2g}, '
            f'about {left:.0f} min left')
