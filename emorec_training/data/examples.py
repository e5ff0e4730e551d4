# SPDX-License-Identifier: Apache-2.0
"""Labelled images to measure a network on, and where each of them comes from."""

from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
from pathlib import Path
import sys

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SPLITS
from emorec_training.data.faces.live_crops import BARE_FACE_SIDE
from emorec_training.data.faces.live_crops import live_cropper
from emorec_training.data.faces.photos import count_photos
from emorec_training.data.ferplus import FERPLUS_NAMES
from emorec_training.data.folders import list_images
from emorec_training.data.folders import read_gray
from emorec_training.data.folders import whole_face
from emorec_training.data.labels import LabelChoice
from emorec_training.data.overlap.leaks import has_training_copy
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import FaceDetector
import numpy as np
import tqdm


@dataclasses.dataclass
class Examples:
    """N labelled images.

    Attributes:
        name: of the data, for people.
        images: uint8 (N, 48, 48).
        labels: int64 (N,), indices into `names`.
        names: the labels.
        sources: row of the csv (counted from 0) or file of each image.
        scheme: whose labels these are.
        has_copy: bool (N,), whether Training holds a copy; None if that is not known.
        whole: the uncropped images, uint8 (N, 48, 48), if `images` are faces detected in them.
        without_face: how many images were left out for lack of a face.
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
    """Return the choice with those labels that a network knows, in their usual order.

    Raises:
        InputError: if these are fewer than two.
    """
    scheme_names = EMOTIONS if choice.scheme == 'fer2013' else FERPLUS_NAMES
    names = tuple(name for name in scheme_names if name in known)
    if len(names) < 2:
        raise InputError(f'the model tells {", ".join(known)} apart, of which the data has '
                         f'{", ".join(names) or "none"}')
    return dataclasses.replace(choice, classes=names)


def from_csv(data: Dataset, choice: LabelChoice, split: str) -> Examples:
    """Return a split of the csv; of test splits also which rows have a copy in its Training.

    Args:
        data: the csv.
        choice: the labels.
        split: 'training', 'public' or 'private'.
    """
    chosen = choice.split(data, split)
    has_copy = None if split == 'training' or data.usage.all() else has_training_copy(
        data.images, data.usage, chosen.rows)
    left_out = len(data.split(split).rows) - len(chosen.rows)
    notes = [f'{left_out} rows without such a label left out'] if left_out else []
    return Examples(SPLITS[split], chosen.images, chosen.labels, chosen.names,
                    [f'row {row}' for row in chosen.rows], choice.scheme.removesuffix('-soft'),
                    has_copy, notes=notes)


def from_folder(folder: Path, names: Sequence[str],
                detector: FaceDetector | None = None) -> Examples:
    """Return the images of a folder with one sub-folder per label.

    Args:
        folder: the folder.
        names: the labels.
        detector: what finds the face in each image, which is one whole face otherwise.

    Raises:
        InputError: if there are fewer than two different labels, no images, or no faces.
    """
    if len(names) < 2 or len(set(names)) != len(names):
        raise InputError('--classes: name at least two different classes')
    listing = list_images(folder, names)
    whole = np.stack([whole_face(read_gray(path)) for path in listing.paths])
    sources = [str(path.relative_to(folder)) for path in listing.paths]
    notes = ([f'sub-folders that are none of the labels ignored: {", ".join(listing.ignored)}']
             if listing.ignored else [])
    examples = Examples(folder.name, whole, listing.labels, tuple(names), sources, notes=notes)
    if detector is None:
        photos, count = count_photos(listing.paths)
        if photos:
            notes.append(f'{photos} of {count} images looked at are whole photos with a small '
                         'face; --detect cuts it out')
        return examples
    return detect_faces(examples, map(read_gray, listing.paths), detector)


def detect_faces(examples: Examples, images: Iterable[np.ndarray],
                 detector: FaceDetector) -> Examples:
    """Return the live crops of the largest face in each image.

    Images without a face are left out and counted. Bare faces (below BARE_FACE_SIDE) are first
    given a margin, without which few of them are found.

    Args:
        examples: the labels; its images become `whole`.
        images: the scenes, uint8 (H, W), one for each of `examples`.
        detector: what finds the faces.

    Raises:
        InputError: if no face is found in any of them.
    """
    bar = tqdm.tqdm(images, total=len(examples.labels), desc='finding faces', leave=False,
                    file=sys.stderr, disable=None)
    crop_face, crops, bare_faces = live_cropper(detector), [], 0
    for image in bar:
        crops.append(crop_face(image))
        bare_faces += max(image.shape) < BARE_FACE_SIDE
    found = np.array([crop is not None for crop in crops])
    if not found.any():
        raise InputError(f'{examples.name}: the detector finds no face in any of its '
                         f'{len(found)} images; leave out --detect for images that are faces')
    return dataclasses.replace(
        examples, images=np.stack([crop for crop in crops if crop is not None]),
        labels=examples.labels[found], whole=examples.images[found],
        sources=[source for source, is_found in zip(examples.sources, found) if is_found],
        has_copy=None if examples.has_copy is None else examples.has_copy[found],
        without_face=int((~found).sum()), notes=examples.notes + ([
            f'{bare_faces} images below {BARE_FACE_SIDE} px were enlarged to double size and '
            'given a frame of their own edge for the detector'] if bare_faces else []))
