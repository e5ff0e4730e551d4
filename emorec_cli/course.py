# SPDX-License-Identifier: Apache-2.0
"""`emorec course`: everything that the 01-edu course on emotions asks for, in one command."""

import argparse
import math
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.interrupts import interruptible
from emorec_cli.keras_import import check_installed
from emorec_cli.keras_import import prepare_keras
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.paths import check_output_folder
from emorec_cli.rooms import require_room
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_training.data.dataset import Dataset

RUN: str = 'run'
MODEL: str = 'final_emotion_model'
PARTS: tuple[str, ...] = ('train', 'predict', 'preprocess', 'hack')
UNITS: dict[str, float] = {'s': 1 / 60, 'sec': 1 / 60, 'second': 1 / 60, 'm': 1.0, 'min': 1.0,
                           'minute': 1.0, 'h': 60.0, 'hour': 60.0}
"""Minutes of each unit of time."""

OVERNIGHT: float = 480.0
"""Minutes of a night."""

LONGEST: float = 10000.0
SHORTEST: float = 0.1
"""Minutes that a course may take."""


def minutes(text: str) -> float:
    """Return a time such as '20 minutes', '2 hours', '20' or 'overnight' in minutes.

    Raises:
        argparse.ArgumentTypeError: if the text is none.
    """
    words = text.strip().lower()
    if words == 'overnight':
        return OVERNIGHT
    number = words.rstrip('abcdefghijklmnopqrstuvwxyz').strip()
    unit = words[len(number):].strip()
    scale = UNITS.get(unit, UNITS.get(unit.removesuffix('s'), math.nan)) if unit else 1.0
    try:
        found = float(number) * scale
    except ValueError:
        found = math.nan
    if not SHORTEST <= found <= LONGEST:
        raise argparse.ArgumentTypeError(
            f'{text!r} is no time: give minutes, such as "20 minutes", or overnight')
    return found


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'course', help='do all of the 01-edu course on emotions: train, measure, preprocess, hack',
        description='Read train.csv and test.csv (or test_with_emotions.csv, with emotion and '
                    'pixels), train a network with early stopping in the time given, measure it '
                    'once on the test table, cut faces out of a video of 20 seconds, turn a face '
                    'from Happy to Sad, and leave what the course hands in. A tenth of train.csv '
                    'chooses the epoch. A killed command goes on when it is given again. '
                    'docs/course.md explains it. Needs the training extra.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('--data', type=expand, required=True, metavar='FOLDER',
        help='folder with train.csv and test.csv')
    add('--out', type=expand, default=Path('results'), metavar='DIR',
        help='folder for all results')
    add('--time', type=minutes, default=20.0, metavar='TIME',
        help='for the whole course, such as "20 minutes", "2 hours" or overnight (8 hours); '
             'chooses the network (default: 20 minutes)')
    add('--video', type=expand, metavar='FILE',
        help='video with a face, of about 20 s (default: one of the demo scene is written)')
    add('--only', choices=PARTS, help='do this part; all but train need a finished training')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do the parts; return 0, 1 if no change made the network say Sad, 130 if interrupted."""
    require_room('emorec_training')
    train, test = _check(arguments)
    parts = PARTS if arguments.only is None else (arguments.only,)
    data = _load(train, test) if {'train', 'predict'} & set(parts) else None
    if data is not None and 'train' in parts:
        try:
            with interruptible():
                _train(data, arguments)
        except KeyboardInterrupt:
            tell('stopped; the same command goes on after the last finished epoch')
            return 130
    if data is not None and 'predict' in parts:
        _predict(data, test, arguments.out)
    if 'preprocess' in parts:
        _preprocess(arguments)
    return _hack(test, arguments.out) if 'hack' in parts else 0


def _check(arguments: argparse.Namespace) -> tuple[Path, Path]:
    """Return the two tables; raise InputError before anything takes time."""
    from emorec_training.course.data import find_tables
    from emorec_vision.sources.video import VideoSource
    tables = find_tables(arguments.data)
    if arguments.video is not None:
        VideoSource(arguments.video).close()
    check_output_folder(arguments.out)
    if arguments.only not in (None, 'train') and not _model(arguments.out).is_file():
        raise InputError(f'--only {arguments.only}: {_model(arguments.out)} does not exist; train '
                         'first')
    check_installed('keras', 'tensorflow')
    return tables


def _model(out: Path) -> Path:
    return out / f'{MODEL}.onnx'


def _load(train: Path, test: Path) -> 'Dataset':
    from emorec_training.course.data import load_tables
    return load_tables(train, test)


def _train(data: 'Dataset', arguments: argparse.Namespace) -> None:
    """Train or go on, and write model, architecture and curves."""
    from emorec_training.config import load_config
    from emorec_training.course.plan import plan_for
    from emorec_vision.files.access import make_folder
    from emorec_vision.files.access import read_file
    from emorec_vision.files.access import write_bytes
    plan = plan_for(arguments.time, int((data.usage == 0).sum()))
    config = load_config(None, plan.settings)
    out, folder = arguments.out, arguments.out / RUN
    print(f'training {config.network.name} with {config.training.engine} for at most '
          f'{config.training.minutes:.3g} of {arguments.time:g} minutes', flush=True)
    prepare_keras('tensorflow', trained=config.network.name)
    from emorec_training.course.architecture import write_course_architecture
    from emorec_training.course.data import task_of
    from emorec_training.course.pictures import plot_tensorboard
    from emorec_training.data.labels import LabelChoice
    from emorec_training.export.export import export
    from emorec_training.train import checkpoint
    from emorec_training.train.loop import train
    make_folder(out)
    resume = (folder / checkpoint.NAME).is_file()
    history = train(config, task_of(data), folder, resume)
    write_bytes(out / f'{MODEL}.keras', read_file(folder / 'model.keras'))
    write_bytes(out / 'learning_curves.png', read_file(folder / 'learning_curves.png'))
    plot_tensorboard(folder, out / 'tensorboard.png')
    write_course_architecture(
        config, plan.reason, history, out / 'my_own_model_architecture.txt')
    export([folder], data, LabelChoice(), _model(out))


def _predict(data: 'Dataset', test: Path, out: Path) -> None:
    """Measure the exported network on the test table and print its accuracy."""
    from emorec_training.data.examples import from_csv
    from emorec_training.data.labels import LabelChoice
    from emorec_training.evaluation.ensemble import open_ensemble
    from emorec_training.evaluation.evaluate import evaluate
    from emorec_training.evaluation.evaluate import write_figures
    from emorec_vision.files.access import make_folder
    examples = from_csv(data, LabelChoice(), 'private')
    examples.name = test.name
    figures = evaluate(open_ensemble([_model(out)]), examples)
    write_figures(figures, examples, make_folder(out / 'evaluation'))
    low, high = figures['interval']
    print(f'Accuracy on test set: {math.floor(100 * figures["accuracy"])}%')
    print(f'({figures["accuracy"]:.2%} of {figures["pictures"]} images of {test.name}; 95 % '
          f'interval {low:.1%} to {high:.1%})', flush=True)


def _preprocess(arguments: argparse.Namespace) -> None:
    """Write the input video and its face images, unless they are there."""
    from emorec_cli.main import make_parser
    from emorec_training.course import video
    from emorec_vision.files.access import make_folder
    folder = arguments.out / 'preprocessing_test'
    if (folder / 'contact_sheet.png').is_file():
        print(f'{folder}: done earlier; remove it to do it again')
        return
    make_folder(folder)
    for path in folder.glob('image*.png'):
        path.unlink()
    suffix = '.mp4' if arguments.video is None else arguments.video.suffix.lower()
    path = folder / f'input_video{suffix}'
    if arguments.video is None:
        video.write_demo_video(path)
    else:
        video.copy_video(arguments.video, path)
    preprocess = make_parser().parse_args([
        'preprocess', str(path), '--out', str(folder), '--model', str(_model(arguments.out)),
        '--every', f'{video.seconds_per_image(path):.4f}'])
    preprocess.run(preprocess)


def _hack(test: Path, out: Path) -> int:
    """Turn the surest Happy face of the test table to Sad; enlarge what was written."""
    from emorec_cli.main import make_parser
    folder = out / 'hack_cnn'
    hack = make_parser().parse_args([
        'hack', '--data', str(test), '--model', str(_model(out)), '--out', str(folder)])
    try:
        status = int(hack.run(hack))
    except InputError as error:
        tell(f'hack_cnn: {error}')
        return 1
    if status == 0:
        from emorec_training.course.pictures import enlarge
        enlarge(folder, {'input_image.png': 'input_image_large.png',
                         'hacked_image.png': 'hacked_image_large.png'})
    return status
