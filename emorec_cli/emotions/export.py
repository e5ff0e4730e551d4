# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions export`."""

import argparse
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.keras_import import check_installed
from emorec_cli.keras_import import prepare_keras
from emorec_cli.parsing.paths import check_models
from emorec_cli.parsing.paths import check_output_folder
from emorec_cli.parsing.paths import model_argument
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_training.export.export import Exported
    from emorec_training.export.formats import Compared

ENDINGS = {'onnx': '.onnx', 'savedmodel': '', 'keras': '.keras', 'h5': '.weights.h5',
           'tflite': '.tflite'}
"""Of the file, by its format; a SavedModel is a folder."""
NO_CONVERTER = (
    '--format tfjs: tensorflowjs 4.22, its converter, would replace TensorFlow by 2.19; write '
    '--format savedmodel, and run tensorflowjs_converter on it in an environment of its own')


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'export', run, 'write trained networks as one ONNX file',
        'Write the graph from uint8 gray faces (N, 48, 48) to probabilities, with pixel scaling, '
        'averaging of several networks, calibration and softmax inside and the labels in its '
        'metadata. It is compared with Keras on all of PublicTest first; when they differ, '
        'nothing is written. PublicTest also calibrates the probabilities.')
    parser.add_argument('models', nargs='+', type=model_argument, metavar='MODEL',
                        help='.keras file, folder of a training run, or .onnx file of '
                             'compact_resnet or wide_resnet exported earlier, of which all '
                             'networks are taken; the probabilities of several are averaged')
    data_arguments.add_csv(parser)
    parser.add_argument('--out', type=expand, metavar='PATH', default=Path('models/emotion.onnx'),
                        help='what to write: a file that ends as the format does, or for '
                             'savedmodel a new folder')
    parser.add_argument('--format', choices=(*ENDINGS, 'tfjs'), default='onnx',
                        help='onnx is what emorec runs; the others take and give the same, are '
                             'compared with it on PublicTest, and have their labels and figures '
                             'in PATH.json; h5: weights, with the architecture in PATH.json')
    parser.add_argument('--int8', action='store_true',
                        help='quantise, with ranges from 512 Training rows; refused where it '
                             'costs more than 0.3 points of PublicTest')
    parser.add_argument('--flip', action='store_true',
                        help='let each network also see the mirror image: twice the time')


def run(arguments: argparse.Namespace) -> int:
    """Write trained networks as ONNX and say how well they agree with Keras."""
    check_models(arguments.models)
    data_arguments.check_paths(arguments)
    _check_target(arguments)
    check_output_folder(arguments.out.parent)
    check_installed('keras', 'tensorflow')
    data, choice = data_arguments.load_data(arguments)
    prepare_keras('tensorflow')
    from emorec_training.export.export import export
    from emorec_vision.files.access import make_folder
    make_folder(arguments.out.parent)
    if arguments.format != 'onnx':
        from emorec_training.export.formats import export_format
        print(format_comparison(arguments.out, arguments.format, export_format(
            arguments.models, data, choice, arguments.out, arguments.format, arguments.flip)))
        return 0
    done = export(arguments.models, data, choice, arguments.out, arguments.int8, arguments.flip)
    print(format_figures(done))
    return 0


def _check_target(arguments: argparse.Namespace) -> None:
    """Raise InputError for a format without converter, and a path that does not go with it."""
    kind, path = arguments.format, arguments.out
    if kind == 'tfjs':
        raise InputError(NO_CONVERTER)
    if arguments.int8 and kind != 'onnx':
        raise InputError('--int8 belongs to --format onnx')
    if kind == 'savedmodel':
        if path.suffix or path.exists():
            raise InputError(f'--out: {path}: name a folder that is not there yet')
    elif not path.name.endswith(ENDINGS[kind]) or path.is_dir():
        raise InputError(f'--out: {path}: name a file that ends in {ENDINGS[kind]}')


def format_comparison(path: Path, kind: str, compared: 'Compared') -> str:
    """Return the figures of another format as lines of text."""
    return (f'{kind} against ONNX on PublicTest: largest difference of probabilities '
            f'{compared.difference:.2g}, {compared.agreement:.2%} of labels equal\n'
            f'{path}: {compared.done.accuracy:.2%} on PublicTest ({compared.done.images} images); '
            f'labels in {path.name}.json')


def format_figures(done: 'Exported') -> str:
    """Return the figures as lines of text."""
    lines = [f'largest difference from Keras on PublicTest: {done.difference:.2g}']
    if done.precision != 'float32':
        lines.append(f'{done.precision}: {done.accuracy - done.float_accuracy:+.2%} of '
                     f'PublicTest against float32, {done.agreement:.1%} of answers equal')
    (loss, calibrated_loss), (error, calibrated_error) = done.log_loss, done.calibration_error
    lines.append(
        f'temperature {done.calibration.temperature:.3f} after undoing a label smoothing of '
        f'{done.calibration.smoothing:.2f}, from {done.clean_images} images of PublicTest '
        f'without a copy in Training: log-loss {loss:.4f} -> {calibrated_loss:.4f}, calibration '
        f'error {error:.4f} -> {calibrated_error:.4f}')
    lines.append(f'{done.path}: {done.accuracy:.2%} on PublicTest ({done.images} images)')
    return '\n'.join(lines)
