#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well SFace and LBPH tell people apart when faces are small, dark, turned or blurred.

    .venv/bin/python benchmarks/identity_conditions.py yale|orl [--changes ...] [--splits 10]

Photos as they are are enrolled, through the detector's box. Those that are looked at are changed
first, and searched anew by YuNet: its box and the crop of 160 px are what the live graph has.
Where YuNet finds no face, the changed box of the original is taken. A quarter of the people are
strangers (4 of 15, 10 of 40). The figures are rank-1 accuracy of the others / true accepts at 1 %
/ and at 0.1 % false accepts in %, means over splits.
Embeddings are kept in --cache, so that another run is quick.
With --alone one photo of one person is all that is known, each in turn, and the figures are the
shares of SFace's looks at this person and at all others that are within the threshold.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import hashlib
import os
from pathlib import Path
import sys

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_training.identity.embedding_table import EmbeddingTable  # noqa: E402
from emorec_training.identity.evaluation import evaluate  # noqa: E402
from emorec_training.identity.evaluation import Evaluation  # noqa: E402
from emorec_training.identity.look_table import LookTable  # noqa: E402
from emorec_vision.faces.crop import context_crop  # noqa: E402
from emorec_vision.faces.crop import FaceCrop  # noqa: E402
from emorec_vision.faces.crop import whole_face  # noqa: E402
from emorec_vision.faces.detector import Evidence  # noqa: E402
from emorec_vision.faces.detectors.yunet import YuNetDetector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
from emorec_vision.identity import blur  # noqa: E402
from emorec_vision.identity import embedder  # noqa: E402
from emorec_vision.identity import sface_network  # noqa: E402
from emorec_vision.identity.recognizer import FACE_SIZE  # noqa: E402
from emorec_vision.identity.threshold import calibrate  # noqa: E402
from emorec_vision.identity.threshold import FALSE_ACCEPT  # noqa: E402
from emorec_vision.identity.threshold import SFACE_STRANGERS  # noqa: E402
from emorec_vision.model_files.weights import yunet_weights  # noqa: E402
import numpy as np  # noqa: E402

DATA = ROOT.parent / 'shared' / 'data'
BORDER = 20
"""Border around ORL's images, which faces fill, px."""
SMALLEST = 16


def shrunk(side: int) -> Callable[[np.ndarray, Box], tuple[np.ndarray, Box]]:
    """Return what makes faces of a side, px."""
    def change(gray: np.ndarray, box: Box) -> tuple[np.ndarray, Box]:
        scale = side / box.width
        return (cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA),
                Box(*(round(scale * value) for value in (box.x, box.y, box.width, box.height))))
    return change


def turned(gray: np.ndarray, box: Box) -> tuple[np.ndarray, Box]:
    """Turn an image around the middle of a face."""
    return cv2.warpAffine(gray, cv2.getRotationMatrix2D(box.center, 25, 1.0), gray.shape[::-1],
                          borderMode=cv2.BORDER_REPLICATE), box


CHANGES: dict[str, Callable[[np.ndarray, Box], tuple[np.ndarray, Box]]] = {
    'as it is': lambda gray, box: (gray, box),
    'faces of 40 px': shrunk(40), 'of 28 px': shrunk(28), 'of 20 px': shrunk(20),
    '15 % of the light': lambda gray, box: (np.rint(0.15 * gray).astype(np.uint8), box),
    'turned by 25 degrees': turned,
    'blurred, sigma 4 at 95 px': lambda gray, box: (
        cv2.GaussianBlur(gray, (0, 0), 4 * box.width / 95), box)}


def main() -> int:
    """Print a line per change, number of enrolled images and recogniser."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('faces', choices=('yale', 'orl'))
    parser.add_argument('--changes', nargs='+', choices=CHANGES, default=list(CHANGES))
    parser.add_argument('--enrolled', type=int, nargs='+', default=(1, 5))
    parser.add_argument('--splits', type=int, default=10)
    parser.add_argument('--alone', action='store_true', help='one person known, with one photo')
    parser.add_argument('--cache', type=Path, default=Path('/tmp/emorec-embeddings'))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    weights = yunet_weights()
    if weights is None:
        print('identity_conditions: requirements/weights.txt is not installed', file=sys.stderr)
        return 2
    detector = YuNetDetector(weights, SMALLEST)
    images, owners = read(arguments.faces)
    boxes = [box_of(image, detector, Box(0, 0, *image.shape[::-1])) for image in images]
    photos = [face_of(image, box).pixels(FACE_SIZE) for image, box in zip(images, boxes)]
    for name in arguments.changes:
        changed = [CHANGES[name](image, box) for image, box in zip(images, boxes)]
        faces = [face_of(gray, box_of(gray, detector, box)) for gray, box in changed]
        sface = looks(photos, faces, arguments.cache)
        if arguments.alone:
            print(f'{arguments.faces}, one person known, {name}: {alone(sface, owners)}',
                  flush=True)
            continue
        lbph = LookTable(photos + [face.pixels(FACE_SIZE) for face in faces])
        for enrolled in arguments.enrolled:
            for recognizer, look in (
                    ('SFace', sface.look),
                    ('LBPH', lambda image, *known: lbph.look(image + len(photos), *known))):
                figures = evaluate(look, owners, enrolled, arguments.splits, 0, tracks=False)
                print(f'{arguments.faces}, {enrolled} enrolled, {name}: {recognizer} '
                      f'{text_of(figures)}', flush=True)
    return 0


def alone(table: EmbeddingTable, owners: np.ndarray) -> str:
    """Return how many looks are within the threshold for a single person, in %, and how near."""
    threshold = calibrate([], [], 1, FALSE_ACCEPT, SFACE_STRANGERS).threshold
    scores = np.array([[table.look(look, np.array([photo]), np.array([0])).score
                        for look in range(len(owners))] for photo in range(len(owners))])
    same = owners[:, None] == owners[None]
    own, others = scores[same & ~np.eye(len(owners), dtype=bool)], scores[~same]
    return (f'threshold {threshold:.3f} passes {100 * np.mean(own <= threshold):.1f} % of '
            f'{len(own)} looks at the person and {100 * np.mean(others <= threshold):.3f} % of '
            f'{len(others)} at others, of which 1 % are within {np.quantile(others, 0.01):.3f}')


def read(name: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the gray images of a set, and whose each is, int (N,)."""
    if name == 'yale':
        paths = sorted((DATA / 'yale').glob('subject*.png'))
        owners = [int(path.name[7:9]) - 1 for path in paths]
        return [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths], np.array(owners)
    paths = sorted((DATA / 'identity' / 'orl').glob('s*/*.pgm'))
    return [cv2.copyMakeBorder(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), *[BORDER] * 4,
                               cv2.BORDER_REPLICATE) for path in paths], np.array(
        [int(path.parent.name[1:]) - 1 for path in paths])


def box_of(gray: np.ndarray, detector: YuNetDetector, otherwise: Box) -> Box:
    """Return the box of the largest face of an image."""
    for evidence in Evidence:
        found = detector.detect(gray, evidence=evidence)
        if found:
            return max((face.box for face in found), key=lambda box: box.area)
    return otherwise


def face_of(gray: np.ndarray, box: Box) -> FaceCrop:
    """Return a face as /faces carries it."""
    return FaceCrop('', *context_crop(gray, box), box, True)


def looks(photos: list[np.ndarray], faces: list[FaceCrop], cache: Path) -> EmbeddingTable:
    """Return the looks of SFace at faces by photos, embedded once and kept in files."""
    table = EmbeddingTable([])
    table.photos = embedded([whole_face(photo) for photo in photos], cache,
                            lambda face: embedder.open_embedder().embed_photo(face.crop))
    table.faces = embedded(faces, cache, lambda face: embedder.open_embedder().embed_look(face))
    return table


def embedded(faces: list[FaceCrop], cache: Path,
             embed: Callable[[FaceCrop], np.ndarray]) -> np.ndarray:
    """Return the embeddings of faces, from the cache where they are."""
    total = hashlib.sha256()
    for module in (embedder, blur, sface_network):
        total.update(Path(str(module.__file__)).read_bytes())
    for face in faces:
        total.update(face.crop.tobytes())
    path = cache / f'{total.hexdigest()[:16]}.npy'
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, np.stack([embed(face) for face in faces]))
    found: np.ndarray = np.load(path)
    return found


def text_of(figures: Evaluation) -> str:
    """Return the figures in %, of the last two the standard deviation over splits too."""
    return f'{100 * np.mean(np.isfinite(figures.friends)):.1f} / ' + ' / '.join(
        f'{100 * np.mean(values):.1f}+-{100 * np.std(values):.1f}'
        for values in (figures.true_accept, figures.strict_true_accept))


if __name__ == '__main__':
    sys.exit(main())
