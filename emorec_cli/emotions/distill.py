# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions distill`."""

import argparse
from typing import Any

from emorec_cli.emotions import train
from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.arguments.settings_arguments import add_settings
from emorec_cli.emotions.command import add_command
from emorec_cli.parsing.paths import check_models
from emorec_cli.parsing.paths import model_argument
from emorec_vision.files.user_path import expand


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'distill', run, 'train a small network on the answers of larger ones',
        'Train like "emorec emotions train", but towards a blend of the labels and of the mean '
        'probabilities that one or more teachers give for the images. '
        'That is how a small network passes networks of its size that saw the labels only.')
    parser.add_argument('teachers', nargs='+', type=model_argument, metavar='TEACHER',
                        help='.onnx or .keras files, folders of training runs, or accurate for '
                             'the larger shipped model')
    data_arguments.add_csv(parser)
    parser.add_argument('--start-from', type=expand, metavar='MODEL',
                        help=train.START_HELP)
    train.add_run_options(parser)
    parser.add_rest = add_settings


def run(arguments: argparse.Namespace) -> int:
    """Train a student; a killed run goes on with --resume."""
    def make_teacher(task: Any, config: Any) -> Any:
        from emorec_training.train.distill import make_teacher
        return make_teacher(arguments.teachers, task, config)

    check_models(arguments.teachers)
    return train.run(arguments, make_teacher)
