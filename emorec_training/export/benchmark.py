# SPDX-License-Identifier: Apache-2.0
"""The benchmark: times an ONNX model against the Keras network it was made from."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import os
from pathlib import Path
import platform
import statistics
import sys
import time
from typing import Any

from emorec_training.evaluation import predictor
from emorec_training.export.keras_to_onnx import average
from emorec_training.export.onnx_metadata import read_network_metadata
from emorec_vision.emotion.model import open_session
from emorec_vision.errors import InputError
import keras
import numpy as np
import onnxruntime
import tqdm

FACES: tuple[int, ...] = (1, 10)
"""Sizes of the batches that are timed where none are asked for."""

WARM_UP_RUNS: int = 3

Call = Callable[[np.ndarray], Any]


def benchmark(model: Path, sources: Sequence[Path], runs: int,
              sizes: Sequence[int] = FACES) -> dict[str, Any]:
    """Return median times, in ms, and how many times faster ONNX is.

    Every form takes uint8 (N, 48, 48) and gives probabilities.

    Args:
        model: the ONNX file.
        sources: the .keras files or folders of runs that it was made from; without any,
            networks of the same names with random weights stand for them, since no weight
            changes how long a product takes.
        runs: how often each is timed.
        sizes: faces per call.

    Raises:
        InputError: if a file is missing or of another kind, or `sources` have other labels.
    """
    session = open_session(model)
    metadata = session.get_modelmeta().custom_metadata_map
    networks = ([predictor.load_keras(source) for source in sources]
                or same_networks(model, metadata))
    network = average(networks, metadata.get('mirrored') == 'true')
    name = session.get_inputs()[0].name
    _check_same_outputs(model, predictor.open_predictor(model), network)
    calls: dict[str, Call] = {
        'keras_predict_ms': lambda faces: network.predict(faces, verbose=0),
        'keras_call_ms': lambda faces: keras.ops.convert_to_numpy(network(faces)),
        'onnx_ms': lambda faces: session.run(None, {name: faces})}
    return {'model': str(model), 'network': metadata.get('name', ''),
            'precision': metadata.get('precision', ''), 'runs': runs,
            'machine': processor_name(), 'cores': len(os.sched_getaffinity(0)),
            'keras': f'{keras.__version__} on {keras.backend.backend()}',
            'onnxruntime': onnxruntime.__version__, 'onnx_threads': 1,
            'times': [_with_factors(faces, medians)
                      for faces, medians in time_alternately(calls, sizes, runs).items()]}


def time_alternately(calls: Mapping[str, Call], sizes: Sequence[int],
                     runs: int) -> dict[int, dict[str, float]]:
    """Return the median milliseconds of every call by its name, for each size of batch.

    All take turns, beginning with another one in each round, so that whatever else the machine
    does hits all alike. The batches are uint8 (size, 48, 48) of noise.

    Args:
        calls: what is timed, by name.
        sizes: of the batches.
        runs: how often each is timed.
    """
    rng = np.random.default_rng(0)
    batches = {size: rng.integers(0, 256, (size, 48, 48)).astype(np.uint8) for size in sizes}
    turns = [(size, name) for size in sizes for name in calls]
    seconds: dict[tuple[int, str], list[float]] = {turn: [] for turn in turns}
    for _ in range(WARM_UP_RUNS):
        for size, name in turns:
            calls[name](batches[size])
    for index in tqdm.tqdm(range(runs), desc='rounds', leave=False, file=sys.stderr,
                           disable=None):
        first = index % len(turns)
        for size, name in turns[first:] + turns[:first]:
            started = time.perf_counter()
            calls[name](batches[size])
            seconds[size, name].append(time.perf_counter() - started)
    return {size: {name: 1000 * statistics.median(seconds[size, name]) for name in calls}
            for size in sizes}


def processor_name(cpu_info: Path = Path('/proc/cpuinfo')) -> str:
    """Return the model of the processor, as far as the system tells."""
    try:
        lines = cpu_info.read_text(encoding='utf-8').splitlines()
    except OSError:
        lines = []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.machine()


def format_table(figures: Mapping[str, Any]) -> str:
    """Return the figures of `benchmark` as text."""
    lines = [f'{figures["model"]}: medians of {figures["runs"]} runs in turn, '
             f'{figures["machine"]}, {figures["cores"]} cores',
             f'Keras {figures["keras"]}; ONNX Runtime {figures["onnxruntime"]} on one thread',
             f'{"faces":>5}{"predict ms":>12}{"call ms":>10}{"ONNX ms":>10}'
             f'{"than predict":>15}{"than call":>12}']
    for row in figures['times']:
        lines.append(
            f'{row["faces"]:>5}{row["keras_predict_ms"]:>12.2f}{row["keras_call_ms"]:>10.2f}'
            f'{row["onnx_ms"]:>10.2f}{row["times_faster_than_predict"]:>14.1f}x'
            f'{row["times_faster_than_call"]:>11.1f}x')
    return '\n'.join(lines)


def _with_factors(faces: int, medians: Mapping[str, float]) -> dict[str, float]:
    return {'faces': faces, **medians,
            'times_faster_than_predict': medians['keras_predict_ms'] / medians['onnx_ms'],
            'times_faster_than_call': medians['keras_call_ms'] / medians['onnx_ms']}


def same_networks(model: Path, metadata: Mapping[str, str]) -> list[keras.Model]:
    """Build the networks that the metadata names, with random weights.

    Args:
        model: the ONNX file, for the error.
        metadata: what it says of itself.

    Raises:
        InputError: if it names none.
    """
    try:
        return read_network_metadata(model, metadata).build()
    except InputError as error:
        raise InputError(f'{error}; name the Keras files that it was made from with --keras'
                         ) from error


def _check_same_outputs(path: Path, predictor: predictor.Predictor, network: keras.Model) -> None:
    if network.output_shape[1] != len(predictor.labels):
        raise InputError(f'{path} tells {len(predictor.labels)} labels apart, but the networks '
                         f'named with --keras {network.output_shape[1]}: it was not made of them')
