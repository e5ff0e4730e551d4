# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions explain`."""

import argparse
from typing import Any

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.explaining import add_explaining
from emorec_cli.explaining import open_explainer
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'explain', run, 'show what a model looks at in images of each emotion',
        'Draw a few PublicTest images of each emotion beside maps of what speaks for the emotion '
        'that the model tells (its name stands above, in red where the label is another one). '
        '"emorec explain" does it for photos.')
    data_arguments.add_csv(parser)
    add_explaining(parser)
    parser.add_argument('--pictures', type=positive_int, default=4, metavar='N',
                        help='images of each emotion')
    parser.add_argument('--out', type=expand, required=True, metavar='FILE',
                        help='the PNG file to write')


def run(arguments: argparse.Namespace) -> int:
    """Draw the page and say how many images are on it."""
    data_arguments.check_paths(arguments)
    if arguments.out.suffix != '.png' or arguments.out.is_dir():
        raise InputError(f'--out: {arguments.out}: name a file that ends in .png')
    check_output_folder(arguments.out.parent)
    explainer = open_explainer(arguments)
    data, choice = data_arguments.load_data(arguments)
    unknown = [name for name in choice.names if name not in explainer.model.labels]
    if unknown:
        raise InputError(f'{explainer.name} does not tell {", ".join(unknown)}; name others with '
                         '--classes')
    from emorec_training.explanation.class_grid import plot_class_grid
    from emorec_vision.files.access import make_folder
    make_folder(arguments.out.parent)
    how = 'Grad-CAM' if explainer.method == 'gradient' else 'occlusion'
    against = '' if explainer.method == 'gradient' else '; blue: against it'
    drawn = plot_class_grid(
        choice.split(data, 'public'), explainer.model.predict, explainer.weigh,
        explainer.model.labels, arguments.pictures,
        f'What {explainer.name} looks at (red: for the emotion told{against})',
        f'{explainer.name}, {how}, images of PublicTest', arguments.out)
    print(f'{arguments.out}: {drawn} images of PublicTest')
    return 0
