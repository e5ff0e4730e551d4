# SPDX-License-Identifier: Apache-2.0
"""A small csv in the form of fer2013.csv, drawn on the spot."""
from pathlib import Path

import numpy as np

TRAIN_FLAGS = ['--epochs', '4', '--batch-size', '16', '--warmup-epochs', '0.5', '--lr', '0.05',
               '--ema-decay', '0.9', '--shift', '0', '--rotation', '0', '--erase', '0']
COUNTS = {'Training': 140, 'PublicTest': 42, 'PrivateTest': 18}


def draw(label: int, rng: np.random.Generator) -> np.ndarray:
    """Return an image, uint8 (48, 48): bars whose spacing tells the label, and noise."""
    phase = rng.uniform(0, 2 * np.pi)
    bars = np.cos(np.arange(48) * (label + 1) * 0.35 + phase)[:, None]
    image = 128 + 70 * bars + rng.normal(0, 25, (48, 48))
    return np.clip(image, 0, 255).astype(np.uint8)


def make_rows(seed: int = 0) -> list[tuple[str, str, str]]:
    """Return rows of (emotion, pixels, Usage), the seven labels in turn."""
    rng = np.random.default_rng(seed)
    rows = []
    for usage, count in COUNTS.items():
        for index in range(count):
            pixels = ' '.join(map(str, draw(index % 7, rng).ravel()))
            rows.append((str(index % 7), pixels, usage))
    return rows


def write_votes(path: Path) -> Path:
    """Write votes of FER+ for the small csv: Neutral and Happy in turn, one for each other."""
    header = ('Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,'
              'unknown,NF')
    rows = [','.join(['Training', f'fer{row}.png',
                      *('9' if row % 2 == place else '1' for place in range(10))])
            for row in range(sum(COUNTS.values()))]
    path.write_text('\n'.join([header, *rows]) + '\n')
    return path


def write_csv(path: Path, rows: list[tuple[str, str, str]],
              header: str = 'emotion,pixels,Usage') -> Path:
    """Write rows in the column order that `header` names."""
    names = [name.strip() for name in header.split(',')]
    order = [('emotion', 'pixels', 'Usage').index(name) for name in names]
    lines = [header] + [','.join(row[column] for column in order) for row in rows]
    path.write_text('\n'.join(lines) + '\n')
    return path


def write_kaggle(path: Path, usages: tuple[str, ...], columns: str = 'emotion,pixels') -> Path:
    """Write the rows of some splits without Usage, their pixels in quotes as in train.csv."""
    rows = [(emotion, f'"{pixels}"', usage) for emotion, pixels, usage in make_rows()
            if usage in usages]
    return write_csv(path, rows, columns)
