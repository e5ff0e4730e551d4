#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure accuracy and time of the shipped emotion models again; prints JSON.

Accuracy on all labelled images of PublicTest, with its 95 % interval (Wilson), and on those
without a copy in Training, where the calibration error (15 bins) is measured as well. Times as by
"emorec emotions benchmark", in turn with Keras, and "alone_ms" of 1 and 10 faces, one call after
the other. A model of other labels than the seven of FER2013, such as the eight of FER+, is
measured on the majority labels of --ferplus. PrivateTest is not read.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
from typing import Any
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from emorec_cli.keras_import import prepare_keras  # noqa: E402
from emorec_training.data.dataset import load_csv  # noqa: E402
from emorec_training.data.ferplus import read_votes  # noqa: E402
from emorec_training.data.labels import LabelChoice  # noqa: E402
from emorec_training.data.overlap.leaks import has_training_copy  # noqa: E402
from emorec_training.evaluation import metrics  # noqa: E402
from emorec_training.evaluation.predictor import open_predictor  # noqa: E402
from emorec_training.provenance import file_sha256  # noqa: E402
from emorec_vision.emotion.model import open_session  # noqa: E402
from emorec_vision.emotions import EMOTIONS  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402

if TYPE_CHECKING:
    from emorec_training.data.dataset import Dataset
    import numpy as np


def main() -> int:
    """Measure the models."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('csv', type=Path, metavar='CSV', help='the official fer2013.csv')
    parser.add_argument('models', nargs='*', type=Path, metavar='MODEL',
                        help='.onnx files (default: all of models/)')
    parser.add_argument('--ferplus', type=Path, metavar='CSV', help='votes: fer2013new.csv')
    parser.add_argument('--runs', type=int, default=100, help='timed runs (default: %(default)s)')
    arguments = parser.parse_args()
    try:
        data = load_csv(arguments.csv)
        votes = read_votes(arguments.ferplus, data) if arguments.ferplus else None
        prepare_keras()
        files = arguments.models or sorted((ROOT / 'models').glob('*.onnx'))
        print(json.dumps([measure(file, data, votes, arguments.runs) for file in files], indent=1))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def measure(file: Path, data: Dataset, votes: np.ndarray | None, runs: int) -> dict[str, Any]:
    """Return the figures of one model."""
    from emorec_training.export.benchmark import benchmark
    predictor = open_predictor(file)
    scheme = 'fer2013' if set(predictor.labels) <= set(EMOTIONS) else 'ferplus'
    public = LabelChoice(scheme, predictor.labels, votes).split(data, 'public')
    answers = predictor(public.images)
    is_clean = ~has_training_copy(data.images, data.usage, public.rows)
    hits = int((answers.argmax(axis=1) == public.labels).sum())
    return {
        'sha256': file_sha256(file), 'bytes': file.stat().st_size, 'labels': scheme,
        'pictures': len(public.labels), 'accuracy': hits / len(public.labels),
        'interval': metrics.wilson_interval(hits, len(public.labels)),
        'clean_pictures': int(is_clean.sum()),
        'clean_accuracy': metrics.accuracy(answers[is_clean], public.labels[is_clean]),
        'clean_calibration_error': metrics.expected_calibration_error(
            answers[is_clean], public.labels[is_clean]),
        'alone_ms': time_alone(file, runs), **benchmark(file, [], runs)}


def time_alone(file: Path, runs: int) -> dict[int, float]:
    """Return the median milliseconds of a call with 1 and 10 faces, with nothing in between."""
    from emorec_training.export.benchmark import FACES
    from emorec_training.export.benchmark import time_alternately
    session = open_session(file)
    name = session.get_inputs()[0].name
    calls = {'onnx_ms': lambda faces: session.run(None, {name: faces})}
    return {size: time_alternately(calls, (size,), runs)[size]['onnx_ms'] for size in FACES}


if __name__ == '__main__':
    sys.exit(main())
