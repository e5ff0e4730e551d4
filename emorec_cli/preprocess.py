# SPDX-License-Identifier: Apache-2.0
"""`emorec preprocess`: the face crops of a video or of photos, as the network sees them."""

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
import sys
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.output.standard_error import tell
from emorec_cli.output.tables import add_csv
from emorec_cli.output.tables import Tables
from emorec_cli.parsing.arguments import positive_float
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.options import add_model
from emorec_cli.rooms import require_room
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.sources import Frame
from emorec_vision.sources import Source

if TYPE_CHECKING:
    from emorec_vision.reader.summaries import Summary
    from emorec_vision.reader.watcher import Watcher

SHEET = 'contact_sheet.png'
MOST_NAMED = 8
"""Photos without a face that are named; the others are counted."""


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'preprocess', help='cut the faces out of a video, or of folders of photos',
        description='Write one face crop per second of a video into a folder: image0.png, '
                    'image1.png and so on, 48x48 gray, cut and scaled exactly as the emotion '
                    'network sees them, and contact_sheet.png to look through them, with the '
                    'emotion that emorec watch tells for the same second. Seconds without a '
                    'face are named. Of a folder of photos and its sub-folders, write the '
                    'largest face of each photo into the sub-folder of the same name in --out, '
                    'so that labels and splits are kept; this needs the training extra. Needs '
                    'neither a camera nor ROS.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('video', type=expand, metavar='VIDEO', help='video file, or a folder of photos')
    add('--out', type=expand, required=True, metavar='DIR',
        help='folder for the crops; it must hold no crops yet')
    add('--every', type=positive_float, default=1.0, metavar='S',
        help='seconds of a video per crop')
    add_model(parser)
    add_csv(parser, 'face and image of a video')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the crops and return the exit status: 2 if there is no face at all."""
    if arguments.video.is_dir():
        if arguments.csv is not None:
            raise InputError('--csv is for a video; "emorec predict FOLDER --csv FILE" makes a '
                             'table of photos')
        return _cut_photos(arguments.video, arguments.out)
    import cv2
    from emorec_vision.depth.gate import DepthGate
    from emorec_vision.drawing.contact_sheet import contact_sheet
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.faces.finder import FaceFinder
    from emorec_vision.files.access import make_folder
    from emorec_vision.files.access import write_png
    from emorec_vision.reader.stream import PeopleStream
    from emorec_vision.reader.watcher import Watcher
    from emorec_vision.sources.video import VideoSource
    cv2.setNumThreads(1)
    model = EmotionModel(model_path(arguments.model))
    stream = PeopleStream(FaceFinder(open_detector(), DepthGate()), model)
    with VideoSource(arguments.video) as source:
        _refuse_used(arguments.out)
        make_folder(arguments.out)
        with Tables(arguments.csv, None, model.labels, model.name, '') as tables:
            watcher = Watcher(stream, lambda people: tables.add(
                person.to_dict() for person in people))
            spans = _cut(source, watcher, arguments)
        for warning in source.take_warnings():
            tell(warning)
    found = [(span.number, span.sightings[0]) for span in spans if span.sightings]
    _tell(spans, arguments)
    if not found:
        raise InputError(f'{arguments.video} shows no face; it must be frontal, more or less '
                         'upright, at least 24 px wide and in view for three frames')
    write_png(arguments.out / SHEET, contact_sheet(
        [face.crop for _, face in found],
        [f'{number * arguments.every:g}s {face.told} {face.probability:.0%}'
         for number, face in found]))
    return 0


def _cut_photos(folder: Path, out: Path) -> int:
    require_room('emorec_training')
    from emorec_training.data.faces.photos import cut_photos
    cuts = cut_photos(folder, out)
    for error in cuts.errors:
        tell(f'left out: {error}')
    none, unread = len(cuts.without_face), len(cuts.errors)
    print(f'{folder}: {cuts.written} crops of {cuts.written + none + unread} images in {out}')
    if none:
        more = f' and {none - MOST_NAMED} more' if none > MOST_NAMED else ''
        print(f'no face in {", ".join(cuts.without_face[:MOST_NAMED])}{more}')
    if not cuts.written:
        raise InputError(f'{folder}: no face found in any image; they must be frontal, more or '
                         'less upright and at least 24 px wide')
    return 0


def _cut(source: Source, watcher: 'Watcher', arguments: argparse.Namespace) -> list['Summary']:
    """Return a summary per span of time, and write the crops of those that have a face."""
    from emorec_vision.files.access import write_png
    from emorec_vision.reader.summaries import summaries
    import tqdm
    spans = []
    with tqdm.tqdm(desc='frames', unit='frame', leave=False, disable=None,
                   file=sys.stderr) as bar:
        for span in summaries(_frames(source, bar), watcher, arguments.every):
            if span.sightings:
                write_png(arguments.out / f'image{span.number}.png', span.sightings[0].crop)
            spans.append(span)
    return spans


def _frames(source: Source, bar: Any) -> Iterator[tuple[int, Frame]]:
    while (frame := source.read()) is not None:
        bar.update()
        yield frame.stamp or 0, frame


def _refuse_used(folder: Path) -> None:
    from emorec_vision.files.access import list_folder
    there = list_folder(folder, '') if folder.exists() else []
    if any(path.match('image*.png') for path in there):
        raise InputError(f'{folder} holds crops already; name another --out')


def _tell(spans: Sequence['Summary'], arguments: argparse.Namespace) -> None:
    found = sum(bool(span.sightings) for span in spans)
    print(f'{arguments.video}: {found} crops of {len(spans)} in {arguments.out}')
    without = [f'{span.number * arguments.every:g}' for span in spans if not span.sightings]
    if without:
        print(f'no face from second {", ".join(without)} on, {arguments.every:g} s each')
