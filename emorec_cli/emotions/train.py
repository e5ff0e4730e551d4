# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions train`."""

import argparse
from pathlib import Path
from typing import Any

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.arguments.settings_arguments import add_settings
from emorec_cli.emotions.arguments.settings_arguments import check_effects
from emorec_cli.emotions.arguments.settings_arguments import chosen_settings
from emorec_cli.emotions.command import add_command
from emorec_cli.interrupts import interruptible
from emorec_cli.keras_import import check_installed
from emorec_cli.keras_import import prepare_keras
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.paths import check_models
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

START_HELP = ('folder of a run, .keras file or exported .onnx file (of compact_resnet or '
              'wide_resnet; its first network) whose weights to begin with: another round of '
              'training, your own images, or other --classes (the answers that both know are '
              'kept)')


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'train', run, 'train a network on FER2013',
        'Train on the Training rows of the official fer2013.csv and keep the weights that are '
        'best on PublicTest. Rows that also stand in a test split are left out. PrivateTest is '
        'not looked at. Defaults are those of --network compact_resnet; every other network '
        'starts from its published recipe, efficientnet_lite0 from weights that saw ImageNet. '
        '--engine torch trains several times as fast on a '
        'CPU where PyTorch is installed.')
    data_arguments.add_csv(parser, folders=True)
    parser.add_argument('--start-from', type=expand, metavar='MODEL',
                        help=START_HELP)
    add_run_options(parser)
    parser.add_rest = _add_settings


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add where a run is kept, where its settings come from, and --resume."""
    parser.add_argument('--out', type=expand, metavar='DIR', default=Path('runs/emotion'),
                        help='folder for weights, curves and settings')
    parser.add_argument('--config', type=expand, metavar='FILE',
                        help='settings in YAML, such as the config.yaml of an earlier run or '
                             'best.yaml of a study; flags given beside it win')
    parser.add_argument('--resume', action='store_true',
                        help='go on after the last epoch that a killed run in --out finished, or '
                             'begin its first one anew; '
                             'with more --epochs, --minutes or --patience also after its end')


def _add_settings(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, leave_out=('distill',))


def run(arguments: argparse.Namespace, make_teacher: Any = None) -> int:
    """Train a network; a killed run goes on with --resume.

    Args:
        arguments: of the command line.
        make_teacher: from the task and the settings to a teacher, see distill.make_teacher.
    """
    from emorec_training.config import load_config
    if make_teacher is None and arguments.ferplus is not None and arguments.labels == 'fer2013':
        raise InputError('--ferplus: votes are learnt from with --labels ferplus or ferplus-soft, '
                         'or by "emorec emotions distill --vote-weight"')
    if arguments.resume and arguments.config is None:
        arguments.config = arguments.out / 'config.yaml'
    flags = chosen_settings(arguments)
    config = load_config(arguments.config, flags)
    check_effects(config, flags)
    _check_paths(arguments)
    check_installed('keras')
    task = data_arguments.load_task(arguments)
    prepare_keras(trained=config.network.name)
    from emorec_training.evaluation.predictor import saw_imagenet
    from emorec_training.export.onnx_weights import starting_weights
    from emorec_training.train.loop import train
    start = None
    if arguments.start_from is not None:
        start = starting_weights(arguments.start_from, task.images, task.labels)
        task.saw_imagenet = saw_imagenet(arguments.start_from)
    teacher = make_teacher(task, config) if make_teacher else None
    try:
        with interruptible():
            history = train(config, task, arguments.out, arguments.resume, start, teacher)
    except KeyboardInterrupt:
        tell('stopped; --resume goes on after the last finished epoch')
        return 130
    best = max(record['check_accuracy'] for record in history)
    print(f'{arguments.out / "model.keras"}: {best:.2%} on {task.validation_name}')
    return 0


def _check_paths(arguments: argparse.Namespace) -> None:
    from emorec_training.train import checkpoint
    data_arguments.check_paths(arguments)
    if arguments.start_from is not None:
        check_models([arguments.start_from])
    if arguments.resume and not (arguments.out / checkpoint.NAME).exists():
        arguments.resume = not (arguments.out / 'config.yaml').is_file()  # it begins anew
    checkpoint.check_folder(arguments.out, arguments.resume)
    check_output_folder(arguments.out)
