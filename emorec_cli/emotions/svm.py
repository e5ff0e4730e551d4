# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions svm`."""

import argparse
from pathlib import Path
from time import monotonic
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.interrupts import interruptible
from emorec_cli.keras_import import check_installed
from emorec_cli.keras_import import prepare_keras
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.arguments import positive_float
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_training.svm.fit import Data
    from emorec_training.svm.fit import Settings
    from emorec_training.train.targets import Task

KINDS = ('pixels', 'hog', 'hog_windows')
SEARCH_ROWS = 3000


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'svm', run, 'fit a support vector machine on hand-made features',
        'Fit a support vector machine on the Training rows, without those that also stand in a '
        'test split, and tell what it reaches on PublicTest, which also chooses the settings of '
        '--grid and --n-trials. It is kept as a network that takes images: "emotions evaluate", '
        '"export" and "explain" take its folder, and an exported file runs wherever a network '
        'does.')
    data_arguments.add_csv(parser)
    add = parser.add_argument
    add('--features', type=_kinds, default=('hog',), metavar='KINDS',
        help='pixels (2304 values), hog (72 of the whole image), hog_windows (2592 of sliding '
             'windows), or several, such as hog,pixels')
    add('--kernel', choices=('rbf', 'linear'), default='rbf', help='of the machine')
    add('-C', '--c', dest='c', type=positive_float, default=1.0, metavar='C',
        help='weight of errors')
    add('--gamma', type=positive_float, default=1.0, metavar='X',
        help='of the kernel rbf, in units of 1 / number of values (1: what scikit-learn calls '
             'auto)')
    search = parser.add_mutually_exclusive_group().add_argument
    search('--grid', action='store_true', help=f'try nine pairs of C and gamma on {SEARCH_ROWS} '
           'rows first')
    search('--n-trials', type=positive_int, metavar='N', help='let Optuna (TPE) try N of them')
    add('--rows', type=positive_int, default=10_000, metavar='N',
        help='Training rows to fit on, each class at its share; the time grows with at least '
             'their square')
    add('--minutes', type=positive_float, metavar='M',
        help='take fewer rows where the fit would take longer than this')
    add('--seed', type=int, default=1, metavar='N', help='of the draw of rows, and of the search')
    add('--out', type=expand, metavar='DIR', default=Path('runs/svm'),
        help='folder for the network and its result.json')


def run(arguments: argparse.Namespace) -> int:
    """Fit one machine."""
    data_arguments.check_paths(arguments)
    check_output_folder(arguments.out)
    check_installed('keras', 'sklearn', 'optuna')
    task = data_arguments.load_task(arguments)
    prepare_keras()
    from emorec_training.svm import fit
    from emorec_training.svm.network import as_network
    fit.check_classes(task.labels)
    data, mean, deviation = _features(task, arguments.features)
    try:
        with interruptible():
            settings = _search(data, arguments)
            rows = _rows(data, settings, arguments)
            begun = monotonic()
            data = data.drawn(rows, arguments.seed)
            machine = fit.fit(data, settings)
            seconds = monotonic() - begun
    except KeyboardInterrupt:
        tell('stopped; nothing was written')
        return 130
    scores = machine.decision_function(data.check)
    sharpness = fit.sharpness_of(scores, data.check_labels)
    network = as_network(machine, arguments.features, mean, deviation, sharpness)
    found = float((scores.argmax(axis=1) == data.check_labels).mean())
    _write(network, task, data, settings, seconds, found, arguments)
    print(f'{arguments.out / "model.keras"}: {len(machine.support_vectors_)} support vectors, '
          f'{found:.2%} of {task.validation_name}')
    return 0


def _kinds(text: str) -> tuple[str, ...]:
    """Return the kinds that are named."""
    kinds = tuple(dict.fromkeys(text.replace('-', '_').split(',')))
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        raise argparse.ArgumentTypeError(f'{wrong[0]!r} is none of {", ".join(KINDS)}')
    return kinds


def _features(task: 'Task', kinds: tuple[str, ...]) -> tuple['Data', Any, Any]:
    """Return standardised features, and their mean and deviation."""
    from emorec_training.svm import fit
    from emorec_training.svm.features import features_of
    learn, check, mean, deviation = fit.standardised(
        features_of(task.images, kinds), features_of(task.validation_images, kinds))
    return fit.Data(learn, task.targets.argmax(axis=1), check, task.validation_labels), \
        mean, deviation


def _search(data: 'Data', arguments: argparse.Namespace) -> 'Settings':
    """Return the settings that were given, or the best of those that are tried."""
    from emorec_training.svm import fit
    if not (arguments.grid or arguments.n_trials):
        return fit.Settings(arguments.kernel, arguments.c, arguments.gamma)
    few = data.drawn(min(SEARCH_ROWS, arguments.rows), arguments.seed)
    best: tuple[Settings, float] | None = None
    for settings, found in fit.search(
            few, arguments.kernel, arguments.n_trials or 0, arguments.seed):
        print(f'C {settings.c:.3g}, gamma {settings.gamma:.3g}: {found:.2%} with '
              f'{len(few.labels)} rows', flush=True)
        if best is None or found > best[1]:
            best = settings, found
    if best is None:
        raise InputError('nothing was tried')
    return best[0]


def _rows(data: 'Data', settings: 'Settings', arguments: argparse.Namespace) -> int:
    """Return how many rows are learnt, and say how long that takes."""
    from emorec_training.svm import fit
    rows = min(arguments.rows, len(data.labels))
    pace = fit.pace_of(data, settings)
    if arguments.minutes is not None:
        rows = pace.rows_within(60 * arguments.minutes, rows)
    seconds = pace.seconds_for(rows)
    tell(f'fitting {rows} of {len(data.labels)} rows with {data.learn.shape[1]} values each, '
         f'about {seconds / 60:.1f} min')
    return rows


def _write(network: Any, task: 'Task', data: 'Data', settings: 'Settings', seconds: float,
           found: float, arguments: argparse.Namespace) -> None:
    """Write model.keras and result.json, each as a whole."""
    from dataclasses import asdict

    from emorec_training.provenance import revision
    from emorec_vision.files.access import make_folder
    from emorec_vision.files.access import replace
    from emorec_vision.files.access import write_json
    make_folder(arguments.out)
    with replace(arguments.out / 'model.keras') as temporary:
        network.save(temporary)
    write_json(arguments.out / 'result.json', {
        'network': 'svm', 'features': list(arguments.features), 'labels': list(task.labels),
        'label_scheme': task.scheme, 'data_sha256': task.digest, 'left_out_rows': task.left_out,
        'settings': asdict(settings), 'rows': len(data.labels), 'seed': arguments.seed,
        'revision': revision(), 'checked_on': task.validation_name,
        'accuracy': found, 'seconds': round(seconds, 1)})
