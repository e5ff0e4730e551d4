# SPDX-License-Identifier: Apache-2.0
"""`emorec explain`: which parts of a face an answer rests on."""

import argparse
from pathlib import Path
import sys
from typing import Any

from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import add_model
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'explain', help='show which parts of a face an answer rests on',
        description='Hide one part of each face after the other, and draw how much less (red) or '
                    'more (blue) likely that makes its emotion, or another one (--emotion). Works '
                    'with any model. Writes one sheet per image into --out.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('images', nargs='+', type=expand, metavar='IMAGE', help='image files')
    add('--out', type=expand, default=Path('explained'), metavar='DIR', help='folder for the '
        'sheets')
    add('--emotion', metavar='NAME', help='the emotion to explain (otherwise the most probable '
        'one of each face)')
    add('--patch', type=positive_int, default=10, metavar='PX', help='side of what is hidden, px '
        'of what the network takes')
    add('--whole', action='store_true', help='take each image as one face, such as those of '
        'FER2013')
    add_model(parser)
    add_detector(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Explain every image; the exit status is 2 if one of them could not be read."""
    import cv2
    from emorec_cli.predict import AnnotatedImages
    from emorec_vision.drawing.heat_map import draw_explained
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.sources.images import read_image
    import tqdm
    cv2.setNumThreads(1)
    model = EmotionModel(model_path(arguments.model))
    if arguments.emotion is not None and arguments.emotion not in model.labels:
        raise InputError(f'--emotion: the model tells {", ".join(model.labels)}, not '
                         f'{arguments.emotion}')
    if arguments.patch > model.input_size:
        raise InputError(f'--patch: a face has {model.input_size} px, not {arguments.patch}')
    find = _finder(model, arguments)
    sheets = AnnotatedImages(arguments.out)
    status = 0
    with tqdm.tqdm(arguments.images, desc='images', unit='image', leave=False, file=sys.stderr,
                   disable=None if len(arguments.images) > 1 else True) as bar:
        for path in bar:
            try:
                faces = find(read_image(path))
            except InputError as error:
                tell(str(error))
                status = 2
                continue
            bar.clear()
            if not faces:
                print(f'{path}: no face found', flush=True)
                continue
            explained = [_explain(model, face, number, arguments)
                         for number, face in enumerate(faces, 1)]
            written = sheets.write_sheet(path, draw_explained(explained,
                                                              f'{path.name}, {model.name}'))
            print(f'{path}: {len(faces)} face{"s" * (len(faces) > 1)} in {written}', flush=True)
    return status


def _finder(model: Any, arguments: argparse.Namespace) -> Any:
    """Return what finds and reads the faces of an image."""
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.geometry import Box
    from emorec_vision.reader.readings import FaceReading
    from emorec_vision.reader.stills import StillFaces
    if not arguments.whole:
        return StillFaces(model, open_detector(
            arguments.detector, tell=tell)).predict
    import cv2

    def whole(rgb: Any) -> list[FaceReading]:
        gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        crop = cv2.resize(gray, (model.input_size, model.input_size),
                          interpolation=cv2.INTER_AREA)
        shares = model.predict(crop[None])[0]
        return [FaceReading(Box(0, 0, *gray.shape[::-1]), crop,
                            dict(zip(model.labels, map(float, shares), strict=True)))]
    return whole


def _explain(model: Any, face: Any, number: int, arguments: argparse.Namespace) -> Any:
    from emorec_vision.drawing.heat_map import Explained
    from emorec_vision.emotion.occlusion import occlusion_map
    label = arguments.emotion or face.emotion
    return Explained(face.crop, occlusion_map(model, face.crop, label, arguments.patch,
                                              min(2, arguments.patch)),
                     label, face.probabilities, f'face {number}')
