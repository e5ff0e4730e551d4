# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions dataset`."""

import argparse
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.interrupts import interruptible
from emorec_cli.parsing.paths import check_output_folder
from emorec_cli.parsing.paths import check_readable
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_training.data.dataset import Dataset


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'dataset', run, 'look at the data: counts, copies, conflicts, odd images',
        'Write a report on FER2013 (Markdown with figures, and JSON): images per class and '
        'split, samples, images that show nothing, copies within and across splits, '
        'conflicting labels, agreement with FER+, and the rows to leave out of training. The '
        'figures show people and have no open licence: keep them to yourself.')
    parser.add_argument('csv', nargs='?', type=expand, metavar='CSV',
                        help=f'{data_arguments.CSV_HELP}; without it, where to get FER2013')
    data_arguments.add_test_csv(parser)
    parser.add_argument('--ferplus', type=expand, metavar='CSV',
                        help='the votes: fer2013new.csv of microsoft/FERPlus')
    parser.add_argument('--out', type=expand, metavar='DIR', default=Path('runs/dataset'),
                        help='folder for the report')
    parser.add_argument('--to-folders', type=expand, metavar='DIR',
                        help='also write each image as DIR/<split>/<Emotion>/imROW.png')


def run(arguments: argparse.Namespace) -> int:
    """Write the report, and perhaps the folders of images."""
    _check_paths(arguments)
    with interruptible():
        data, votes, paths = _load(arguments)
        from emorec_training.data.split_folders import write_folders
        from emorec_training.report.facts import collect_facts
        from emorec_training.report.report import write_report
        from emorec_vision.files.access import make_folder
        make_folder(arguments.out)
        facts = collect_facts(data, votes)
        summary = write_report(data, facts, arguments.csv, arguments.out, paths)
        _print(summary)
        print(f'{arguments.out / "report.md"}: the report')
        if arguments.to_folders is not None:
            write_folders(data, arguments.to_folders)
            print(f'{arguments.to_folders}: {len(data.labels)} images')
    return 0


def _check_paths(arguments: argparse.Namespace) -> None:
    from emorec_training.data.split_folders import check_new
    if arguments.csv is None:
        raise InputError(data_arguments.FER2013_PLACE)
    data_arguments.check_csv(arguments.csv)
    data_arguments.check_test_csv(arguments)
    if arguments.ferplus is not None:
        check_readable(arguments.ferplus, '--ferplus')
    if arguments.to_folders is not None:
        check_new(arguments.to_folders)
        if arguments.to_folders.resolve() == arguments.out.resolve():
            raise InputError('--to-folders: name another folder than --out')
    check_output_folder(arguments.out)


def _load(arguments: argparse.Namespace) -> tuple['Dataset', Any, list[Path]]:
    """Return the data, the votes of FER+, uint8 (N, 10) or None, and the files of a folder."""
    if arguments.csv.is_dir():
        if arguments.ferplus is not None:
            raise InputError('--ferplus goes with the csv: votes belong to its rows')
        data, paths = data_arguments.load_splits(arguments.csv)
        return data, None, paths
    from emorec_training.data.ferplus import read_votes
    data = data_arguments.load_table(arguments.csv, arguments.test_csv)
    votes = None if arguments.ferplus is None else read_votes(arguments.ferplus, data)
    return data, votes, []


def _print(summary: dict[str, Any]) -> None:
    counts = {split: sum(found.values()) for split, found in summary['counts'].items()}
    print(f'{summary["source"]}: {summary["pictures"]} images ('
          + ', '.join(f'{count} {split}' for split, count in counts.items()) + ')')
    print('the official data' if summary['official'] else
          f'not the official data: {summary["difference"]}')
    exact, alike = (summary['duplicate_levels'][level] for level in ('exact', 'alike'))
    print(f'{exact["different"]} different images, {alike["different"]} without near and '
          f'alike ones; {len(exact["conflicting"])} of {exact["groups"]} groups of exact copies '
          'have conflicting labels')
    for split, kinds in summary['tests_in_training'].items():
        if counts[split]:
            found = sum(kinds.values())
            print(f'{found} of {split} ({found / counts[split]:.1%}) stand in Training')
    print(f'{sum(summary["left_out"].values())} rows of Training are left out of training')
    print(f'{len(summary["constant"])} constant images')
    if 'ferplus' in summary:
        print(f'{len(summary["ferplus"]["not_a_face"])} images are not a face; FER+ agrees '
              f'with {summary["ferplus"]["agreement"]:.1%} of the labels')
