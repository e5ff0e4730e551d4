# SPDX-License-Identifier: Apache-2.0
"""`emorec predict`: the faces and emotions in still images."""

import argparse
from collections.abc import Sequence
import json
from pathlib import Path
import sys
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.output.new_names import NewNames
from emorec_cli.output.standard_error import tell
from emorec_cli.output.tables import add_csv
from emorec_cli.parsing.arguments import share
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.images import named_images
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import add_detector_model
from emorec_cli.parsing.options import add_model
from emorec_vision.emotions import SURE_FROM
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_vision.identity.recognizer import Recognizer
    from emorec_vision.reader.readings import FaceReading
    import numpy as np

JSON_DIGITS = 6


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'predict', help='tell the emotions in still images',
        description='Find the faces in images and tell the emotion of each. Needs neither a '
                    'camera nor ROS.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('images', nargs='+', type=expand, metavar='IMAGE',
        help='image file (PNG, JPEG, ...), or a folder of them')
    add('--json', action='store_true', help='print one JSON object per image instead')
    add_model(parser)
    add_detector(parser)
    add_detector_model(parser)
    add('--threshold', type=share, default=SURE_FROM, metavar='P', help='probability of the most '
        'probable emotion below which the answer is "not sure", 0 to 1; 0 = never')
    add('--out', type=expand, metavar='DIR', help='also write the images with boxes, emotions '
        'and probabilities into this folder, as PNG files')
    add('--people', type=expand, metavar='DIR', help='folder with a sub-folder of face images per '
        'known person, whose names are told (otherwise everybody is unknown)')
    add_csv(parser, 'face')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Predict all images and return the exit status: 2 if any of them was unreadable."""
    import cv2
    from emorec_cli.output.tables import Tables
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.reader.stills import StillFaces
    from emorec_vision.sources.images import read_image
    import tqdm
    cv2.setNumThreads(1)
    model = EmotionModel(model_path(arguments.model))
    predictor = StillFaces(model, open_detector(
        arguments.detector, arguments.detector_model, tell=tell), _recognizer(arguments.people))
    writer = AnnotatedImages(arguments.out) if arguments.out else None
    paths, status = named_images(arguments.images)
    with Tables(arguments.csv, None, model.labels, model.name, '') as tables, tqdm.tqdm(
            paths, desc='images', unit='image', leave=False, file=sys.stderr,
            disable=None if len(paths) > 1 else True) as bar:
        for path in bar:
            try:
                rgb = read_image(path)
            except InputError as error:
                tell(str(error))
                status = 2
                continue
            faces = predictor.predict(rgb)
            least = arguments.threshold
            bar.clear()
            print(_as_json(path, rgb.shape, faces, least) if arguments.json
                  else _as_text(path, faces, least), flush=True)
            tables.add({'file': str(path), **face.to_dict(), 'sure': face.probability >= least}
                       for face in faces)
            if writer is not None:
                writer.write(path, rgb, faces, least)
    return status


def _recognizer(people: Path | None) -> 'Recognizer | None':
    """Return what knows the people of a folder; None without one, and where nobody is in it."""
    from emorec_vision.people.model import open_model
    if people is None:
        return None
    known = open_model(people)
    for warning in known.warnings:
        tell(warning)
    return known.recognizer


class AnnotatedImages:
    """Write annotated images into a folder, each under a name of its own.

    Raises:
        InputError: if the folder cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder."""
        from emorec_vision.files.access import make_folder
        self._folder = make_folder(folder)
        self._new_name = NewNames()

    def write(self, path: Path, rgb: 'np.ndarray', faces: Sequence['FaceReading'],
              least: float) -> None:
        """Write one image with its faces drawn in, as a whole or not at all."""
        from emorec_vision.drawing.people import annotate
        from emorec_vision.drawing.people import PersonLabel
        from emorec_vision.files.access import write_png
        labels = [PersonLabel(face.box, face.person, face.emotion,
                              face.probability >= least, face.probability,
                              list(face.probabilities.values()), None,
                              labels=tuple(face.probabilities),
                              number=number if len(faces) > 1 or not face.person else None)
                  for number, face in enumerate(faces, 1)]
        drawn = annotate(rgb, labels)
        write_png(self._folder / self._new_name(path.stem), drawn)


def _as_text(path: Path, faces: Sequence['FaceReading'], least: float) -> str:
    """Return one line per face, or one that says that there is none."""
    if not faces:
        return f'{path}: no face found'
    lines = []
    for number, face in enumerate(faces, 1):
        box = face.box
        shares = sorted(face.probabilities.items(), key=lambda item: -item[1])
        told = ', '.join(f'{name} {100 * part:.0f}%' for name, part in shares)
        doubt = '' if face.probability >= least else 'not sure: '
        lines.append(
            f'{path}: {f"{number} " * (len(faces) > 1)}{face.person or "face"} '
            f'{box.width}x{box.height} at ({box.x}, {box.y}): '
            f'{doubt}{told}')
    return '\n'.join(lines)


def _as_json(path: Path, shape: tuple[int, ...], faces: Sequence['FaceReading'],
             least: float) -> str:
    """Return one JSON object on one line."""
    return json.dumps({'image': str(path), 'width': shape[1], 'height': shape[0], 'faces': [
        {'roi': [face.box.x, face.box.y, face.box.width, face.box.height],
         'person': face.person, 'emotion': face.emotion, 'sure': face.probability >= least,
         'probabilities': {name: round(part, JSON_DIGITS)
                           for name, part in face.probabilities.items()}}
        for face in faces]})
