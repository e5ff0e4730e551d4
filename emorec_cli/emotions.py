# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions`: train, evaluate and export the network behind the emotion node."""

import argparse
from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import json
import os
from pathlib import Path
import signal
import sys
from typing import Any

from emorec_vision.errors import InputError

RENAMED: dict[str, str] = {'network.name': 'network', 'optimizer.name': 'optimizer'}


def add_parser(subparsers: Any) -> None:
    """Add the sub-command and its own commands."""
    parser = subparsers.add_parser(
        'emotions', help='train, evaluate and export emotion networks (needs Keras)',
        description='From fer2013.csv to the ONNX file that the emotion node runs. Needs the '
                    'training extra: "make training", or pip install "emorec[training]".')
    commands = parser.add_subparsers(metavar='COMMAND', required=True, parser_class=_Parser)
    _add_train(commands)
    _add_evaluate(commands)
    _add_export(commands)


def _add_train(commands: Any) -> None:
    parser = _command(
        commands, 'train', train, 'train a network on FER2013',
        'Train on the Training rows of the official fer2013.csv and keep the weights that are '
        'best on PublicTest. Rows that also stand in a test split are left out. PrivateTest is '
        'not looked at. Defaults are those of --network compact_resnet; --network original '
        'starts from the hyper-parameters of the original project instead. '
        'KERAS_BACKEND=torch trains faster on a CPU where PyTorch is installed.')
    parser.add_argument('csv', nargs='?', type=Path, metavar='CSV',
                        help='the official fer2013.csv')
    parser.add_argument('--train-dir', type=Path, metavar='DIR',
                        help='instead of CSV: pictures in one sub-folder per emotion')
    parser.add_argument('--test-dir', type=Path, metavar='DIR',
                        help='with --train-dir: the same, to choose the best epoch on')
    parser.add_argument('--out', type=Path, metavar='DIR', default=Path('runs/emotion'),
                        help='folder for weights, curves and settings')
    parser.add_argument('--config', type=Path, metavar='FILE',
                        help='settings in YAML, such as the config.yaml of an earlier run; '
                             'flags given beside it win')
    parser.add_argument('--resume', action='store_true',
                        help='go on after the last epoch that a killed run in --out finished')
    parser.add_rest = _add_settings


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Add one flag for each setting of emorec_training.config."""
    from emorec_training.config import options
    groups: dict[str, Any] = {}
    for name, field in options():
        section = name.split('.')[0]
        if section not in groups:
            groups[section] = parser.add_argument_group(f'{section} settings')
        flag = RENAMED.get(name, field.name).replace('_', '-')
        groups[section].add_argument(
            f'--{flag}', dest=name, type=type(field.default), default=None,
            choices=field.metadata['choices'] or None,
            metavar=None if field.metadata['choices'] else 'X',
            help=f'{field.metadata["help"]} (default: {field.default})')


def _add_evaluate(commands: Any) -> None:
    parser = _command(
        commands, 'evaluate', evaluate, 'measure a model on labelled pictures',
        'Print accuracy with its 95 % interval, macro-F1, recall and precision per class and '
        'the confusion matrix.')
    parser.add_argument('model', type=Path, metavar='MODEL',
                        help='.onnx or .keras file, or the folder of a training run')
    parser.add_argument('data', type=Path, metavar='DATA',
                        help='the official fer2013.csv, or a folder with one sub-folder of '
                             'pictures per emotion')
    parser.add_argument('--split', choices=('training', 'public', 'private'), default='public',
                        help='rows of the csv; private only together with --final')
    parser.add_argument('--final', action='store_true',
                        help='read PrivateTest, and list that in docs/private_test.csv')
    parser.add_argument('--out', type=Path, metavar='DIR',
                        help='write evaluation.json and confusion.png there')
    parser.add_argument('--json', action='store_true', help='print JSON instead of text')


def _add_export(commands: Any) -> None:
    parser = _command(
        commands, 'export', export, 'write a trained network as ONNX',
        'Write the graph from uint8 gray faces (N, 48, 48) to seven probabilities, with pixel '
        'scaling and softmax inside and the labels in its metadata. It is compared with Keras '
        'on all of PublicTest first; when they differ, nothing is written.')
    parser.add_argument('model', type=Path, metavar='MODEL',
                        help='.keras file, or the folder of a training run')
    parser.add_argument('csv', type=Path, metavar='CSV', help='the official fer2013.csv')
    parser.add_argument('--out', type=Path, metavar='FILE', default=Path('models/emotion.onnx'),
                        help='the ONNX file to write')


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], brief: str,
             description: str) -> '_Parser':
    parser: _Parser = commands.add_parser(
        name, help=brief, description=description, formatter_class=_Formatter)
    parser.set_defaults(run=run)
    return parser


class _Parser(argparse.ArgumentParser):
    """Add the options that need a library only once this very command is parsed."""

    add_rest: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Complete the options, then parse as usual."""
        add_rest, self.add_rest = self.add_rest, None
        if add_rest is not None:
            add_rest(self)
        return super().parse_known_args(args, namespace)


class _Formatter(argparse.ArgumentDefaultsHelpFormatter):
    """Show each default once, and none for what is off or must be given."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, False) or '(default' in (action.help or ''):
            return action.help
        return super()._get_help_string(action)


def train(arguments: argparse.Namespace) -> int:
    """Train a network; a killed run goes on with --resume."""
    from emorec_training.config import load_config
    settings = {name: value for name, value in vars(arguments).items() if '.' in name}
    if arguments.resume and arguments.config is None:
        arguments.config = arguments.out / 'config.yaml'
    config = load_config(arguments.config, settings)
    data = _training_data(arguments)
    _prepare_keras()
    _make_folder(arguments.out)
    from emorec_training.train import train as run_training
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        history = run_training(config, data, arguments.out, arguments.resume)
    except KeyboardInterrupt:
        print('emorec: stopped; --resume goes on after the last finished epoch',
              file=sys.stderr)
        return 130
    best = max(record['public_accuracy'] for record in history)
    print(f'{arguments.out / "model.keras"}: {best:.2%} on PublicTest')
    return 0


def evaluate(arguments: argparse.Namespace) -> int:
    """Measure a model and print, and perhaps write, the figures."""
    if (arguments.split == 'private') != arguments.final:
        raise InputError('PrivateTest is read with --split private --final together, which is '
                         'listed in docs/private_test.csv; --split public chooses models')
    split = _evaluation_data(arguments)
    if arguments.out is not None:
        _make_folder(arguments.out)
    if arguments.model.suffix != '.onnx':
        _prepare_keras()
    from emorec_training import evaluate as evaluation
    from emorec_training.models import open_predictor
    figures = evaluation.evaluate(open_predictor(arguments.model), split.images, split.labels)
    if arguments.final:
        evaluation.log_private_read(arguments.model, figures)
    if arguments.out is not None:
        evaluation.write_figures(figures, arguments.out)
    print(json.dumps(figures) if arguments.json else evaluation.format_report(figures))
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write a trained network as ONNX and say how well it agrees with Keras."""
    from emorec_training.dataset import load_csv
    data = load_csv(arguments.csv)
    _make_folder(arguments.out.parent)
    _prepare_keras('tensorflow')
    from emorec_training.export import export as run_export
    done = run_export(arguments.model, data, arguments.out)
    print(f'largest difference from Keras on PublicTest: {done.largest_difference:.2g}')
    print(f'{done.path}: {done.accuracy:.2%} on PublicTest')
    return 0


def _training_data(arguments: argparse.Namespace) -> Any:
    folders = (arguments.train_dir, arguments.test_dir)
    if arguments.csv is not None and folders == (None, None):
        from emorec_training.dataset import load_csv
        return load_csv(arguments.csv)
    if arguments.csv is None and None not in folders:
        from emorec_training.folders import load_folders
        return load_folders(*folders)
    raise InputError('name either the official fer2013.csv, or both --train-dir and --test-dir')


def _evaluation_data(arguments: argparse.Namespace) -> Any:
    if os.path.isdir(arguments.data):
        if arguments.split != 'public':
            raise InputError('--split belongs to the csv; a folder is evaluated whole')
        from emorec_training.folders import load_folder
        return load_folder(arguments.data)
    from emorec_training.dataset import load_csv
    return load_csv(arguments.data).split(arguments.split)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f'--out: {folder} cannot be made ({error.strerror})') from error


def _prepare_keras(backend: str = '') -> None:
    """Choose the backend and import Keras without TensorFlow's start-up messages."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    if backend:
        os.environ['KERAS_BACKEND'] = backend
    try:
        with _silent_standard_error():
            import keras  # noqa: F401
    except ImportError as error:
        raise InputError(f'Keras is not installed ({error}); run "make training", or '
                         'pip install "emorec[training]"') from error


@contextlib.contextmanager
def _silent_standard_error() -> Iterator[None]:
    """Drop what native code writes to standard error while this context is open."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
