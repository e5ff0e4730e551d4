# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions benchmark`."""

import argparse
import json
from pathlib import Path
from typing import Any

from emorec_cli.emotions.command import add_command
from emorec_cli.keras_import import prepare_keras
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'benchmark', run, 'time an ONNX model against Keras',
        'Time Keras predict, a plain call of the Keras network and ONNX Runtime on one thread, '
        'for one face and for ten at once, in turn so that noise hits all alike. Prints medians '
        'and how many times faster ONNX Runtime is.')
    parser.add_argument('model', metavar='MODEL',
                        help='.onnx file, or accurate for the shipped slower and better one')
    parser.add_argument('--keras', nargs='+', type=expand, metavar='FILE', default=(),
                        help='the .keras files or folders of runs that it was made from '
                             '(default: the network of the same name with random weights, which '
                             'takes the same time)')
    parser.add_argument('--runs', type=positive_int, metavar='N', default=100,
                        help='how often each is timed')
    parser.add_argument('--faces', nargs='+', type=positive_int, metavar='N',
                        help='faces per call (default: 1 and then 10); 10,000 runs of one face '
                             'alone take less than half as long')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    parser.add_argument('--out', type=expand, metavar='FILE', help='also write the JSON there')


def run(arguments: argparse.Namespace) -> int:
    """Time the model and print, and perhaps write, the figures."""
    model = _check_paths(arguments)
    prepare_keras()
    from emorec_training.export import benchmark
    figures = benchmark.benchmark(model, arguments.keras, arguments.runs,
                                  arguments.faces or benchmark.FACES)
    if arguments.out is not None:
        from emorec_vision.files.access import make_folder
        from emorec_vision.files.access import write_json
        make_folder(arguments.out.parent)
        write_json(arguments.out, figures)
    print(json.dumps(figures) if arguments.json else benchmark.format_table(figures))
    return 0


def _check_paths(arguments: argparse.Namespace) -> Path:
    """Check all paths and return that of the model."""
    from emorec_training.evaluation.predictor import check_keras_file
    from emorec_vision.emotion.model import model_path
    from emorec_vision.emotion.model import open_session
    model = model_path(arguments.model)
    open_session(model)
    for path in arguments.keras:
        check_keras_file(path)
    if arguments.out is not None:
        if arguments.out.is_dir():
            raise InputError(f'--out: {arguments.out} is a folder; name a file')
        check_output_folder(arguments.out.parent)
    return model
