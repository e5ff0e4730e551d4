# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions features`."""

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.interrupts import interruptible
from emorec_cli.keras_import import check_installed
from emorec_cli.keras_import import prepare_keras
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.paths import check_output_folder
from emorec_cli.parsing.paths import check_readable
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

SPLITS = {'training': 'Training', 'public': 'PublicTest', 'private': 'PrivateTest'}


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'features', run, 'write hand-made features of FER2013 as .npy files',
        'Write labels.npy and a file of float32 values per kind of feature into a folder per '
        'split, and features.json, which says what each column is. All rows are written, copies '
        'too; PrivateTest only with --private. A run that was stopped goes on with the files '
        'that are missing. "emotions svm" and "train --features" work features out by '
        'themselves and need none of these.')
    data_arguments.add_csv(parser)
    add = parser.add_argument
    add('--hog', action='store_true', help='histograms of oriented gradients of the whole image, '
        '72 values')
    add('--hog-windows', action='store_true', help='those of sliding windows, 2592 values')
    add('--landmarks', type=expand, metavar='FILE', help='landmarks, by the predictor of dlib in '
        'FILE (Debian has shape_predictor_68_face_landmarks.dat in libdlib-data, for research '
        'only; needs pip install dlib-bin)')
    add('--pixels', action='store_true', help='the gray levels as features, 0 to 1, 2304 values')
    add('--images', action='store_true', help='the images too, uint8 (N, 48, 48)')
    add('--one-hot', action='store_true', help='labels as a column per class')
    add('--private', action='store_true', help='PrivateTest as well')
    add('--out', type=expand, metavar='DIR', default=Path('features'), help='folder to write to')


def run(arguments: argparse.Namespace) -> int:
    """Write the features that are missing."""
    kinds = [kind for kind in ('hog', 'hog_windows', 'pixels', 'landmarks')
             if getattr(arguments, kind)]
    if not kinds and not arguments.images:
        raise InputError('name what to write: --hog, --hog-windows, --landmarks FILE, --pixels or '
                         '--images')
    if arguments.landmarks is not None:
        check_readable(arguments.landmarks, '--landmarks')
        if find_spec('dlib') is None:
            raise InputError('--landmarks needs the package dlib: pip install dlib-bin')
    data_arguments.check_paths(arguments)
    check_output_folder(arguments.out)
    check_installed('keras')
    data, choice = data_arguments.load_data(arguments)
    prepare_keras()
    from emorec_training.svm.files import about
    from emorec_training.svm.files import begin
    from emorec_training.svm.files import write_features
    names = [name for name in SPLITS if name != 'private' or arguments.private]
    splits = {name: choice.split(data, name) for name in names}
    said = about(data.digest, splits['training'].names, kinds, arguments.one_hot,
                 arguments.landmarks)
    begin(arguments.out, said)
    try:
        with interruptible():
            for name, split in splits.items():
                there = write_features(split, SPLITS[name], kinds, arguments.images,
                                       arguments.one_hot, arguments.out, said, arguments.landmarks)
                print(f'{arguments.out / SPLITS[name]}: {len(split.labels)} rows'
                      + f', {there} of {len(kinds)} kinds were there' * bool(there), flush=True)
    except KeyboardInterrupt:
        tell('stopped; the same command goes on with what is missing')
        return 130
    return 0
