# SPDX-License-Identifier: Apache-2.0
"""The options that name the data, and what they stand for."""

import argparse
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from emorec_cli.paths import check_data
from emorec_cli.paths import check_readable
from emorec_vision.errors import InputError
from emorec_vision.user_path import expand

if TYPE_CHECKING:
    from emorec_training.data.dataset import Dataset
    from emorec_training.data.labels import LabelChoice
    from emorec_training.train.targets import Task

CSV_HELP = ('the official fer2013.csv, or a folder of images in <split>/<emotion>/, splits '
            'Training, PublicTest, PrivateTest or train, test')


def add_csv(parser: argparse.ArgumentParser, folders: bool = False) -> None:
    """Add CSV and the choice of labels.

    Args:
        parser: of the command.
        folders: whether two folders may be named instead.
    """
    parser.add_argument('csv', nargs='?' if folders else None, type=expand, metavar='CSV',
                        help=CSV_HELP)
    if folders:
        parser.add_argument('--train-dir', type=expand, metavar='DIR',
                            help='instead of CSV: images in one sub-folder per emotion')
        parser.add_argument('--test-dir', type=expand, metavar='DIR',
                            help='with --train-dir: the same, to choose the best epoch on')
    add_labels(parser)


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
    check_data(arguments.csv)
    if arguments.ferplus is not None:
        check_readable(arguments.ferplus, '--ferplus')
    for folder in _image_folders(arguments) or ():
        if not folder.is_dir():
            raise InputError(f'{folder}: no such folder')


def _image_folders(arguments: argparse.Namespace) -> tuple[Path, Path] | None:
    """Return the folders that take the place of the csv, None if there is a csv."""
    train, test = (vars(arguments).get(name) for name in ('train_dir', 'test_dir'))
    if arguments.csv is not None and train is None and test is None:
        return None
    if arguments.csv is None and train is not None and test is not None:
        return train, test
    raise InputError('name either the official fer2013.csv, or both --train-dir and --test-dir')


def load_data(arguments: argparse.Namespace) -> tuple['Dataset', 'LabelChoice']:
    """Return the csv, or the images of its folder, and the choice of labels."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.data.ferplus import read_votes
    from emorec_training.data.labels import LabelChoice
    if arguments.csv.is_dir():
        _only_own_labels(arguments)
        return load_splits(arguments.csv)[0], LabelChoice(classes=arguments.classes)
    data = load_csv(arguments.csv)
    votes = read_votes(arguments.ferplus, data) if arguments.ferplus is not None else None
    return data, LabelChoice(arguments.labels, arguments.classes, votes)


def load_splits(folder: Path) -> tuple['Dataset', list[Path]]:
    """Return the images of a folder with one sub-folder per split, and their paths."""
    from emorec_training.data.split_folders import read_splits
    data, paths, ignored = read_splits(folder)
    _tell_ignored(ignored)
    return data, paths


def _tell_ignored(folders: list[Path]) -> None:
    if folders:
        print(f'emorec: left alone, named after no emotion: {", ".join(map(str, folders))}',
              file=sys.stderr)


def load_task(arguments: argparse.Namespace) -> 'Task':
    """Return what is learnt: Training to learn from, PublicTest to choose the best epoch on."""
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
