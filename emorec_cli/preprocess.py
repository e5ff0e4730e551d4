# SPDX-License-Identifier: Apache-2.0
"""`emorec preprocess`: one face crop per second of a video, as the network sees it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
import sys
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.arguments import positive_float
from emorec_cli.help_format import HelpFormatter
from emorec_vision.errors import InputError
from emorec_vision.sources import Source
from emorec_vision.user_path import expand

if TYPE_CHECKING:
    from emorec_vision.emotion.samples import FaceSample
    from emorec_vision.emotion.stills import StillFaces

SHEET = 'contact_sheet.png'


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'preprocess', help='cut one face per second out of a video',
        description='Write one face crop per second of a video into a folder: image0.png, '
                    'image1.png and so on, 48x48 gray, cut and scaled exactly as the emotion '
                    'network sees them, and contact_sheet.png to look through them. Seconds '
                    'without a face are named. Needs neither a camera nor ROS.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('video', type=expand, metavar='VIDEO', help='video file')
    add('--out', type=expand, required=True, metavar='DIR',
        help='folder for the crops; it must hold no crops yet')
    add('--every', type=positive_float, default=1.0, metavar='S', help='seconds per crop')
    add('--model', default='', metavar='FILE', help='ONNX emotion model that names the emotions '
        'on the contact sheet, instead of the shipped one')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the crops and return the exit status: 2 if the video shows no face at all."""
    import cv2
    from emorec_vision.drawing.contact_sheet import contact_sheet
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.emotion.stills import StillFaces
    from emorec_vision.files import make_folder
    from emorec_vision.files import write_png
    from emorec_vision.sources.video import VideoSource
    cv2.setNumThreads(1)
    finder = StillFaces(EmotionModel(model_path(arguments.model)))
    with VideoSource(arguments.video) as source:
        _refuse_used(arguments.out)
        make_folder(arguments.out)
        samples = _cut(source, finder, arguments)
        for warning in source.take_warnings():
            print(f'emorec: {warning}', file=sys.stderr)
    found = [(sample.number, sample.face) for sample in samples if sample.face is not None]
    _tell(samples, arguments)
    if not found:
        raise InputError(f'{arguments.video} shows no face; it must be frontal, more or less '
                         'upright and at least 24 px wide')
    write_png(arguments.out / SHEET, contact_sheet(
        [face.crop for _, face in found],
        [f'{number * arguments.every:g}s {face.emotion}' for number, face in found]))
    return 0


def _cut(source: Source, finder: 'StillFaces',
         arguments: argparse.Namespace) -> list['FaceSample']:
    """Return a sample per span of time, and write the crops of those that have a face."""
    from emorec_vision.emotion.samples import sample_faces
    from emorec_vision.files import write_png
    import tqdm
    samples = []
    with tqdm.tqdm(desc='frames', unit='frame', leave=False, disable=None,
                   file=sys.stderr) as bar:
        for sample in sample_faces(source, finder, arguments.every,
                                   lambda frame: bar.update() and None):
            if sample.face is not None:
                write_png(arguments.out / f'image{sample.number}.png', sample.face.crop)
            samples.append(sample)
    return samples


def _refuse_used(folder: Path) -> None:
    from emorec_vision.files import list_folder
    there = list_folder(folder, '') if folder.exists() else []
    if any(path.match('image*.png') for path in there):
        raise InputError(f'{folder} holds crops already; name another --out')


def _tell(samples: Sequence['FaceSample'], arguments: argparse.Namespace) -> None:
    found = sum(sample.face is not None for sample in samples)
    print(f'{arguments.video}: {found} crops of {len(samples)} in {arguments.out}')
    without = [f'{sample.number * arguments.every:g}' for sample in samples
               if sample.face is None]
    if without:
        print(f'no face from second {", ".join(without)} on, {arguments.every:g} s each')
