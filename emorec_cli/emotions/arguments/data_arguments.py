# SPDX-License-Identifier: Apache-2.0
"""The options that name the data, and what they stand for."""

import argparse
from pathlib import Path
import shlex
from typing import TYPE_CHECKING

from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.paths import check_data
from emorec_cli.parsing.paths import check_readable
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_training.data.dataset import Dataset
    from emorec_training.data.labels import LabelChoice
    from emorec_training.train.targets import Task

CSV_HELP = ('the official fer2013.csv, a csv of emotion and pixels, or a folder of images in '
            '<split>/<emotion>/, splits Training, PublicTest, PrivateTest or train, '
            'validation, test')

FER2013_PLACE = (
    'FER2013 does not come with emorec, as it has no open licence: log in at '
    'https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-'
    'challenge/data, accept its rules, unpack fer2013.tar.gz and name the fer2013.csv in it')

MANY = 0.25
"""Share of photos among images from which on it is said that these are no crops."""


def add_csv(parser: argparse.ArgumentParser, folders: bool = False) -> None:
    """Add CSV and the choice of labels.

    Args:
        parser: of the command.
        folders: whether two folders may be named instead.
    """
    parser.add_argument('csv', nargs='?' if folders else None, type=expand, metavar='CSV',
                        help=CSV_HELP)
    add_test_csv(parser)
    if folders:
        parser.add_argument('--train-dir', type=expand, metavar='DIR',
                            help='instead of CSV: images in one sub-folder per emotion')
        parser.add_argument('--test-dir', type=expand, metavar='DIR',
                            help='with --train-dir: the same, to choose the best epoch on')
    add_labels(parser)


def add_test_csv(parser: argparse.ArgumentParser) -> None:
    """Add the second csv."""
    parser.add_argument('--test-csv', type=expand, metavar='CSV',
                        help='with a csv that names no splits (Usage): the rows that stand for '
                             'PublicTest, instead of a drawn tenth')


def add_labels(parser: argparse.ArgumentParser, usual: str = 'the seven emotions') -> None:
    """Add the choice of labels.

    Args:
        parser: of the command.
        usual: which labels are taken if none are named, for people.
    """
    parser.add_argument('--labels', choices=('fer2013', 'ferplus', 'ferplus-soft'),
                        default='fer2013',
                        help='labels of the csv, the label with most FER+ votes, or their shares')
    parser.add_argument('--classes', type=_names, metavar='NAMES',
                        help='labels to keep, such as Angry,Happy,Sad,Surprise,Neutral; FER+ '
                             f'also knows Contempt (default: {usual})')
    parser.add_argument('--ferplus', type=expand, metavar='CSV',
                        help='the votes: fer2013new.csv of microsoft/FERPlus')


def check_paths(arguments: argparse.Namespace) -> None:
    """Check that what the options of the data name is there.

    Raises:
        InputError: if it is not.
    """
    check_csv(arguments.csv)
    check_test_csv(arguments)
    if arguments.ferplus is not None:
        check_readable(arguments.ferplus, '--ferplus')
    for folder in _image_folders(arguments) or ():
        if not folder.is_dir():
            raise InputError(f'{folder}: no such folder')


def check_csv(path: Path | None) -> None:
    """Check that CSV, if one is named, can be read; where it is missing, say where FER2013 is.

    Raises:
        InputError: if it cannot.
    """
    try:
        check_data(path)
    except InputError as error:
        if path is None or path.exists():
            raise
        raise InputError(f'{error}; {FER2013_PLACE}') from None


def check_test_csv(arguments: argparse.Namespace) -> None:
    """Check that --test-csv can be read and goes with the data.

    Raises:
        InputError: if it is not so.
    """
    path = vars(arguments).get('test_csv')
    if path is None:
        return
    if arguments.csv is None or arguments.csv.is_dir():
        raise InputError('--test-csv goes with a csv; folders name their splits')
    check_readable(path, '--test-csv')


def _image_folders(arguments: argparse.Namespace) -> tuple[Path, Path] | None:
    """Return the folders that take the place of the csv, None if there is a csv."""
    train, test = (vars(arguments).get(name) for name in ('train_dir', 'test_dir'))
    if arguments.csv is not None and train is None and test is None:
        return None
    if arguments.csv is None and train is not None and test is not None:
        return train, test
    raise InputError('name either the official fer2013.csv, or both --train-dir and --test-dir'
                     + f'; {FER2013_PLACE}' * (train is None and test is None))


def load_data(arguments: argparse.Namespace,
              measured: bool = False) -> tuple['Dataset', 'LabelChoice']:
    """Return the csv, or the images of its folder, and the choice of labels.

    Args:
        arguments: of the command.
        measured: whether a csv that names no splits is measured whole.
    """
    from emorec_training.data.ferplus import read_votes
    from emorec_training.data.labels import LabelChoice
    if arguments.csv.is_dir():
        _only_own_labels(arguments)
        return load_splits(arguments.csv)[0], LabelChoice(classes=arguments.classes)
    data = load_table(arguments.csv, vars(arguments).get('test_csv'), measured)
    votes = read_votes(arguments.ferplus, data) if arguments.ferplus is not None else None
    return data, LabelChoice(arguments.labels, arguments.classes, votes)


def load_table(path: Path, test: Path | None = None, measured: bool = False) -> 'Dataset':
    """Return the images of a csv, and say it if the csv names no splits.

    Args:
        path: of the csv.
        test: a second csv, of test images.
        measured: whether a csv that names no splits is measured whole.

    Raises:
        InputError: as load_csv, or if no tenth can be drawn.
    """
    from emorec_training.data.dataset import load_csv
    data = load_csv(path, test)
    if not data.drawn:
        return data
    count, drawn = len(data.usage), int(data.usage.sum())
    if not measured and not drawn:
        raise InputError(f'{path}: has no column Usage, and its {count} images are too few or too '
                         'alike to draw a tenth as PublicTest; name a second csv: --test-csv')
    told = (f'all {count} images are measured' if measured else
            f'{drawn} of {count} images, drawn with a fixed seed, stand for PublicTest; '
            '--test-csv names others')
    tell(f'{path} has no column Usage: {told}')
    return data.measured() if measured else data


def load_splits(folder: Path) -> tuple['Dataset', list[Path]]:
    """Return the images of a folder with one sub-folder per split, and their paths."""
    from emorec_training.data.split_folders import read_splits
    data, paths, ignored = read_splits(folder)
    _tell_photos(folder, paths)
    _tell_ignored([path for path in ignored if path.parent == folder], 'split')
    _tell_ignored([path for path in ignored if path.parent != folder])
    return data, paths


def _tell_ignored(folders: list[Path], kind: str = 'emotion') -> None:
    if folders:
        tell(f'left alone, named after no {kind}: {", ".join(map(str, folders))}')


def _tell_photos(folder: Path, paths: list[Path]) -> None:
    """Say it if many images are whole photos, not crops of faces."""
    from emorec_training.data.faces.photos import count_photos
    photos, count = count_photos(paths)
    if photos >= MANY * count:
        tell(f'{folder}: {photos} of {count} images looked at are whole photos, in which the face '
             'is too small to learn; cut the faces out first: '
             f'emorec preprocess {shlex.quote(str(folder))} --out CROPS')


def load_task(arguments: argparse.Namespace) -> 'Task':
    """Return what is learnt: Training to learn from, PublicTest to choose the best epoch on."""
    from emorec_training.data.folders import list_images
    from emorec_training.data.folders import load_folders
    from emorec_training.data.labels import LabelChoice
    from emorec_training.train.targets import Task
    folders = _image_folders(arguments)
    if folders is None:
        data, choice = load_data(arguments)
        validation_name = 'PublicTest'
    else:
        _only_own_labels(arguments)
        (data, ignored), choice = load_folders(*folders), LabelChoice(classes=arguments.classes)
        for folder in folders:
            _tell_photos(folder, list_images(folder).paths)
        _tell_ignored(ignored)
        validation_name = arguments.test_dir.name
    training, public = choice.split(data, 'training'), choice.split(data, 'public')
    return Task(training.images, training.targets, public.images, public.labels, choice.names,
                data.digest, len(data.left_out), validation_name,
                None if choice.votes is None else choice.votes[training.rows], training.scheme)


def _only_own_labels(arguments: argparse.Namespace) -> None:
    if arguments.labels != 'fer2013' or arguments.ferplus is not None:
        raise InputError('--labels and --ferplus belong to the csv; folders name their labels')


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().capitalize() for name in text.split(',') if name.strip())
