# SPDX-License-Identifier: Apache-2.0
"""Labelled images to measure a network on, and where each of them comes from."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
from pathlib import Path
import sys

import cv2
from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SIDE
from emorec_training.data.dataset import SPLITS
from emorec_training.data.ferplus import FERPLUS_NAMES
from emorec_training.data.folders import list_images
from emorec_training.data.folders import read_gray
from emorec_training.data.folders import whole_face
from emorec_training.data.labels import LabelChoice
from emorec_training.data.leak_free import test_rows_with_copies
from emorec_vision.depth.gate import DepthGate
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.haar import HaarDetector
import numpy as np
import tqdm

TIGHT: int = 96
"""Side in px below which an image is taken for a bare face without its surroundings."""


@dataclasses.dataclass
class Examples:
    """N labelled images.

    name: of the data, for people; images: uint8 (N, 48, 48); labels: int64 (N,), indices into
    names; sources: row of the csv (counted from 0) or file of each; scheme: whose labels;
    has_copy: bool (N,), whether Training holds a copy, None where that is not known;
    whole: the same images uncropped where `images` are what the detector found in them,
    uint8 (N, 48, 48); without_face: how many images were left out for lack of a face;
    notes: what else a reader of the figures must know.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    sources: list[str]
    scheme: str = 'folders'
    has_copy: np.ndarray | None = None
    whole: np.ndarray | None = None
    without_face: int = 0
    notes: list[str] = dataclasses.field(default_factory=list)


def choose_classes(choice: LabelChoice, known: Sequence[str]) -> LabelChoice:
    """Return the choice with those labels that a network knows, in their usual order."""
    scheme_names = EMOTIONS if choice.scheme == 'fer2013' else FERPLUS_NAMES
    names = tuple(name for name in scheme_names if name in known)
    if len(names) < 2:
        raise InputError(f'the model tells {", ".join(known)} apart, of which the data has '
                         f'{", ".join(names) or "none"}')
    return dataclasses.replace(choice, classes=names)


def from_csv(data: Dataset, choice: LabelChoice, split: str) -> Examples:
    """Return a split of the csv; of test splits also which rows have a copy in Training."""
    rows = choice.split(data, split)
    copies = None if split == 'training' else test_rows_with_copies(data, rows.rows)
    scheme = choice.scheme.removesuffix('-soft')
    left_out = len(data.split(split).rows) - len(rows.rows)
    notes = [f'{left_out} rows without such a label left out'] if left_out else []
    return Examples(SPLITS[split], rows.images, rows.labels, rows.names,
                    [f'row {row}' for row in rows.rows], scheme, copies, notes=notes)


def from_folder(folder: Path, names: Sequence[str], detect: bool = False) -> Examples:
    """Return the images of a folder with one sub-folder per label.

    Each shows one whole face, or with `detect` a scene in which the live detector finds it.
    """
    if len(names) < 2 or len(set(names)) != len(names):
        raise InputError('--classes: name at least two different classes')
    listing = list_images(folder, names)
    whole = np.stack([whole_face(read_gray(path)) for path in listing.paths])
    sources = [str(path.relative_to(folder)) for path in listing.paths]
    notes = ([f'sub-folders that are none of the labels ignored: {", ".join(listing.ignored)}']
             if listing.ignored else [])
    examples = Examples(folder.name, whole, listing.labels, tuple(names), sources, notes=notes)
    return detected(examples, map(read_gray, listing.paths)) if detect else examples


def detected(examples: Examples, images: Iterable[np.ndarray]) -> Examples:
    """Return the examples cut by the live detector out of `images`, uint8 (H, W) each.

    Of several faces the largest is taken; images without one are left out and counted.
    Bare faces (below TIGHT px) are first given room, without which few of them are found.
    """
    bar = tqdm.tqdm(images, total=len(examples.labels), desc='finding faces', leave=False,
                    file=sys.stderr, disable=None)
    find, crops, tight = live_cropper(), [], 0
    for image in bar:
        crops.append(find(image))
        tight += max(image.shape) < TIGHT
    found = np.array([crop is not None for crop in crops])
    if not found.any():
        raise InputError(f'{examples.name}: the detector finds no face in any of its '
                         f'{len(found)} images; leave out --detect for images that are faces')
    return dataclasses.replace(
        examples, images=np.stack([crop for crop in crops if crop is not None]),
        labels=examples.labels[found], whole=examples.images[found],
        sources=[source for source, kept in zip(examples.sources, found) if kept],
        has_copy=None if examples.has_copy is None else examples.has_copy[found],
        without_face=int((~found).sum()), notes=examples.notes + ([
            f'{tight} images below {TIGHT} px were enlarged to double size and given a frame '
            'of their own edge for the detector'] if tight else []))


def live_cropper() -> Callable[[np.ndarray], np.ndarray | None]:
    """Return what gives the live crop, uint8 (48, 48), of the largest face of an image.

    It takes uint8 (H, W) and answers None where there is no face.
    """
    finder = FaceFinder(HaarDetector(), DepthGate(), stills=True)

    def crop(gray: np.ndarray) -> np.ndarray | None:
        faces = finder.process(_with_room(gray) if max(gray.shape) < TIGHT else gray, 0).faces
        if not faces:
            return None
        face = max(faces, key=lambda each: each.box.area)
        return face.pixels(SIDE)

    return crop


def _with_room(gray: np.ndarray) -> np.ndarray:
    """Return an image at double size in a frame, a quarter as wide, that repeats its edge."""
    large = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    high, wide = large.shape[0] // 4, large.shape[1] // 4
    return cv2.copyMakeBorder(large, high, high, wide, wide, cv2.BORDER_REPLICATE)
