# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions optimize`."""

import argparse
from pathlib import Path
from typing import Any

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.arguments.settings_arguments import add_settings
from emorec_cli.emotions.arguments.settings_arguments import chosen_settings
from emorec_cli.emotions.command import add_command
from emorec_cli.interrupts import interruptible
from emorec_cli.keras_import import check_installed
from emorec_cli.keras_import import prepare_keras
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'optimize', run, 'search good hyper-parameters for a network',
        'Train many networks and let Optuna (TPE) choose the settings of each from what the '
        'earlier ones reached on a tenth of Training; poor ones are pruned early '
        '(--pruner). Copies and cuts of one photo stay on one side of that tenth, and test splits '
        'are not looked at. Searched are the six hyper-parameters of the original project for '
        '--network original, eight of ours for compact_resnet; a flag below fixes a setting. '
        'The same command goes on with a study that was ended or killed, and joins one that '
        'is running: start it several times, with --storage also on several machines. In '
        '--out/STUDY, best.yaml for "emorec emotions train --config", trials.csv and plots '
        'are written anew after each trial.')
    data_arguments.add_csv(parser)
    parser.add_argument('--n-trials', type=int, default=50, metavar='N',
                        help='trials that the study shall hold in the end, those of all '
                             'processes together')
    parser.add_argument('--rows', type=int, metavar='N',
                        help='draw only so many images of Training, for a quick study')
    parser.add_argument('--out', type=expand, metavar='DIR', default=Path('runs/tuning'),
                        help='folder for reports and learning curves')
    parser.add_argument('--storage', default='', metavar='URL',
                        help='database to share a study by, such as sqlite:////shared/study.db '
                             'or postgresql+psycopg://user@host/name (default: studies.db in '
                             '--out)')
    parser.add_argument('--study', default='', metavar='NAME',
                        help='name of the study (default: that of the network)')
    parser.add_argument('--pruner', choices=('median', 'hyperband', 'none'), default='median',
                        help='what ends poor trials early: the median of the earlier ones at the '
                             'same epoch, brackets that halve successively, or nothing')
    parser.add_argument('--seed', type=int, default=10, metavar='N',
                        help='seed of the tenth, of the search and of every training')
    parser.add_rest = _add_settings


def _add_settings(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, leave_out=('distill', 'training.seed'))


def run(arguments: argparse.Namespace) -> int:
    """Search; whatever ends it, what was found so far is on disk."""
    if arguments.rows is not None and arguments.rows < 1:
        raise InputError(f'--rows: {arguments.rows} is less than 1')
    data_arguments.check_paths(arguments)
    check_output_folder(arguments.out)
    check_installed('keras', 'optuna', 'sqlalchemy')
    data, choice = data_arguments.load_data(arguments)
    prepare_keras(trained=vars(arguments).get('network.name'))
    from emorec_training.tuning import optimize
    from emorec_vision.files.access import make_folder
    make_folder(arguments.out)
    plan = optimize.Plan(chosen_settings(arguments), arguments.out, arguments.n_trials,
                         arguments.seed, arguments.rows or 0, arguments.storage,
                         arguments.study, arguments.pruner)
    try:
        with interruptible():
            study = optimize.optimize(plan, choice.split(data, 'training'), data.digest)
    except KeyboardInterrupt:
        tell('stopped; the same command goes on with the study')
        return 130
    folder = arguments.out / study.study_name
    print(f'{folder / "best.yaml"}: trial {study.best_trial.number}, {study.best_value:.2%} on '
          'the tuning tenth')
    return 0
