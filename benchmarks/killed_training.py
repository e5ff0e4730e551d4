#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill `emorec emotions train` at random moments, resume it each time, and compare what it makes.

    .venv/bin/python benchmarks/killed_training.py [--kills 40] [--seed 1]

A slim network learns 140 drawn images for eight epochs. A run gets SIGKILL at a random moment
after its settings are written, again after it is resumed, and so on until it ends; then the next
run begins, until there were so many kills. Every run must end with the history, the weights and
the result of one that nobody disturbed. Prints JSON; `largest_difference` is that of any weight.
"""

import argparse
import json
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from time import monotonic
from time import sleep
from typing import Any

import numpy as np
from tqdm import tqdm

SLIM_EMOREC = """
import os, sys
os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'
from emorec_training.networks import compact_resnet
from emorec_training.networks.residual import Shape
compact_resnet.SHAPE = Shape('compact_resnet', 8, ((16, 1), (32, 1)))
from emorec_cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""`emorec` with a default network of fewer stages and channels."""
TRAIN = ('--epochs', '8', '--batch-size', '16', '--warmup-epochs', '0.5', '--lr', '0.05',
         '--ema-decay', '0.9')
SPLITS = {'Training': 140, 'PublicTest': 42, 'PrivateTest': 14}
BESIDE = ('seconds', 'revision')
"""What may differ in result.json."""


def write_bars(path: Path) -> Path:
    """Write a csv in the form of fer2013.csv: bars whose spacing tells the label, and noise."""
    rng = np.random.default_rng(0)
    lines = ['emotion,pixels,Usage']
    for usage, count in SPLITS.items():
        for index in range(count):
            bars = np.cos(np.arange(48) * (index % 7 + 1) * 0.35 + rng.uniform(0, 6))[:, None]
            image = np.clip(128 + 70 * bars + rng.normal(0, 25, (48, 48)), 0, 255).astype(int)
            lines.append(f'{index % 7},{" ".join(map(str, image.ravel()))},{usage}')
    path.write_text('\n'.join(lines) + '\n')
    return path


def start(csv: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start a training, or resume it where there is something to resume."""
    resumed = ['--resume'] if (folder / 'checkpoint.npz').exists() else []
    return subprocess.Popen(
        [sys.executable, '-c', SLIM_EMOREC, 'emotions', 'train', str(csv), '--out', str(folder),
         *TRAIN, *resumed], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL)


def settings_written(process: subprocess.Popen[bytes], folder: Path, before: float) -> None:
    """Wait until a run has written its settings, later than `before`, or ended."""
    config = folder / 'config.yaml'
    while process.poll() is None and not (
            config.exists() and config.stat().st_mtime > before):
        sleep(0.02)


def finish(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for the end of a run."""
    _, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f'{folder} ended with {process.returncode}:\n{errors.decode()}')


def killed_run(csv: Path, folder: Path, rng: np.random.Generator, length: float, most: int,
               bar: Any) -> int:
    """Run a training to its end through up to `most` kills; return how many there were."""
    kills = 0
    while True:
        config = folder / 'config.yaml'
        before = config.stat().st_mtime if config.exists() else 0.0
        process = start(csv, folder)
        if kills == most:
            finish(process, folder)
            return kills
        settings_written(process, folder, before)
        try:
            process.wait(rng.uniform(0, length))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            bar.update()
        else:
            finish(process, folder)
            return kills


def difference(one: Path, other: Path) -> float:
    """Return the largest difference of two runs in any number; infinite where parts differ."""
    results = [json.loads((run / 'result.json').read_text()) for run in (one, other)]
    for result in results:
        for part in (result, *result['history']):
            for name in BESIDE:
                part.pop(name, None)
    histories = [np.array([list(record.values()) for record in result.pop('history')])
                 for result in results]
    numbers = [np.array([result.pop(name) for name in ('accuracy', 'log_loss')])
               for result in results]
    if results[0] != results[1] or histories[0].shape != histories[1].shape:
        return float('inf')
    largest = [np.abs(histories[0] - histories[1]).max(), np.abs(numbers[0] - numbers[1]).max()]
    with np.load(one / 'checkpoint.npz') as first, np.load(other / 'checkpoint.npz') as second:
        if set(first) != set(second):
            return float('inf')
        largest += [np.abs(first[name].astype(float) - second[name]).max()
                    for name in set(first) - {'history'} if first[name].size]
    return float(max([*largest, best_difference(one, other)]))


def best_difference(one: Path, other: Path) -> float:
    """Return the largest difference of the best weights of two runs."""
    import keras
    weights = [keras.models.load_model(run / 'model.keras').get_weights() for run in (one, other)]
    return max(float(np.abs(first - second).max()) for first, second in zip(*weights, strict=True))


def main() -> None:
    """Kill, resume, compare and print."""
    parser = argparse.ArgumentParser(description='Trainings that are killed and resumed.',
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--kills', type=int, default=40, help='how many')
    parser.add_argument('--seed', type=int, default=1, help='of the moments')
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    with TemporaryDirectory() as work:
        csv = write_bars(Path(work) / 'faces.csv')
        whole = [Path(work) / 'whole', Path(work) / 'again']
        for folder in whole:
            process = start(csv, folder)
            settings_written(process, folder, 0.0)
            began = monotonic()
            finish(process, folder)
            length = monotonic() - began
        kills: list[int] = []
        differences: list[float] = []
        with tqdm(total=arguments.kills, unit='kill', leave=False) as bar:
            while sum(kills) < arguments.kills:
                folder = Path(work) / f'run{len(kills)}'
                kills.append(killed_run(csv, folder, rng, length,
                                        arguments.kills - sum(kills), bar))
                differences.append(difference(whole[0], folder))
        json.dump({'kills': sum(kills), 'runs': len(kills), 'kills_of_each_run': kills,
                   'largest_difference': max(differences),
                   'of_two_undisturbed_runs': difference(*whole)}, sys.stdout, indent=2)
        print()


if __name__ == '__main__':
    main()
