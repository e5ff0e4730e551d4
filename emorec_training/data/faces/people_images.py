# SPDX-License-Identifier: Apache-2.0
"""Reads images of several people and emotions: who is shown, and what, stands in their names."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
import re
import sys

from emorec_training.data.faces.live_crops import live_cropper
from emorec_training.data.faces.photos import LARGEST_CROP
from emorec_training.data.folders import is_image_file
from emorec_training.data.folders import read_gray
from emorec_training.data.folders import whole_face
from emorec_training.data.folders import WORDS
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.files.access import list_folder
import numpy as np
import tqdm

CODES: dict[str, str] = {'AF': 'Fear', 'AN': 'Angry', 'DI': 'Disgust', 'FE': 'Fear',
                         'HA': 'Happy', 'NE': 'Neutral', 'SA': 'Sad', 'SU': 'Surprise'}
"""Emotions by two capital letters, a later part of a name, as in JAFFE."""
KDEF = re.compile(r'[AB](?P<subject>[FM]\d\d)(?P<word>[A-Z]{2})[A-Z]{1,2}$')
RAFD = re.compile(r'Rafd\d+_(?P<subject>\d+)_\w+_(?P<word>[a-z]+)_[a-z]+$')
FRAME = re.compile(r'[^a-zA-Z0-9]*\d{4,}$')
"""The number of a frame at the end of a name, without which it names a sequence, as in CK+."""


@dataclass(frozen=True)
class Named:
    """What the name of an image says.

    Attributes:
        subject: the person.
        word: the emotion, or what stands in its place.
    """

    subject: str
    word: str

    @property
    def emotion(self) -> str:
        """Return the name of the emotion, '' if the word is for none."""
        return emotion_of(self.word)


@dataclass
class PeopleImages:
    """N images of people.

    Attributes:
        name: of the data.
        images: uint8 (N, 48, 48), faces.
        labels: int64 (N,), indices into `names`.
        names: the labels.
        subjects: (N,), who is shown.
        sequences: (N,), of which sequence of frames an image is one; its own for most.
        sources: files of the images, relative to the folder.
        left_out: images of no such emotion, by the word that stands in its place.
        without_face: files of the photos in which no face was found.
        photos: how many faces were found in larger images.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    subjects: np.ndarray
    sequences: np.ndarray
    sources: list[str]
    left_out: dict[str, int] = field(default_factory=dict)
    without_face: list[str] = field(default_factory=list)
    photos: int = 0

    def first_copies(self) -> np.ndarray:
        """Return int64 (N,): the first image that has the same pixels, for each."""
        first: dict[bytes, int] = {}
        return np.array([first.setdefault(image.tobytes(), number)
                         for number, image in enumerate(self.images)], np.int64)


def read_people(folder: Path, names: Sequence[str], subject: str = '') -> PeopleImages:
    """Read images of people who are named by folder or file.

    The folder has one sub-folder per emotion, or one per person, or the images themselves. Images
    above LARGEST_CROP are photos: the live detector finds the largest face in them.

    Args:
        folder: the folder.
        names: of the emotions that are kept.
        subject: a regular expression that is found in the path of an image below the folder: its
            first group, or all of it, is the person. '' takes the first part of the file's name
            that is no emotion, or the sub-folder.

    Raises:
        InputError: if the folder cannot be read, nothing in it is such an image, or `subject` is
            no regular expression or not found in a path.
    """
    by_path = _named_files(folder, _compiled(subject))
    kept = {path: named for path, named in by_path.items() if named.emotion in names}
    left_out = dict(sorted(Counter(
        named.word or path.name for path, named in by_path.items() if path not in kept).items()))
    if not kept:
        raise InputError(f'{folder}: no name of a file or sub-folder says one of '
                         f'{", ".join(names)}; it has {_some(left_out)}')
    faces, photos = _read_faces(kept)
    if not faces:
        raise InputError(f'{folder}: the detector finds no face in any of its {len(kept)} images')
    return PeopleImages(
        folder.name, np.stack(list(faces.values())),
        np.array([names.index(kept[path].emotion) for path in faces]), tuple(names),
        np.array([kept[path].subject for path in faces]),
        np.array([f'{kept[path].emotion} {FRAME.sub("", path.stem)}' for path in faces]),
        [path.relative_to(folder).as_posix() for path in faces], left_out,
        [path.relative_to(folder).as_posix() for path in kept if path not in faces], photos)


def name_of(stem: str, folder: str = '') -> Named:
    """Return what the name of an image says.

    Args:
        stem: name of the file without its suffix.
        folder: name of its sub-folder, '' if it has none.
    """
    coded = KDEF.match(stem) or RAFD.match(stem)
    if coded:
        subject, word = coded['subject'], coded['word']
    else:
        parts = [part for part in re.split(r'[^a-zA-Z0-9]+', stem) if part]
        words = [part for part in parts if _letters(part).lower() in WORDS]
        others = [part for part in parts if part not in words]
        subject = others[0] if others else stem
        if folder and not emotion_of(folder):
            subject, others = folder, [folder, *others]
        words += [part for part in others[1:] if _letters(part) in CODES]
        words += [part for part in others[1:] if _letters(part)]
        word = _letters(words[0]) if words else ''
    return Named(subject, folder if emotion_of(folder) else word)


def emotion_of(word: str) -> str:
    """Return the emotion that a word or a code stands for, '' for none."""
    return WORDS.get(word.lower()) or CODES.get(word, '')


def _letters(part: str) -> str:
    """Return a part of a name without the number at its end."""
    return part.rstrip('0123456789')


def _compiled(subject: str) -> 're.Pattern[str] | None':
    try:
        return re.compile(subject) if subject else None
    except re.error as error:
        raise InputError(f'--subject: {subject} is no regular expression ({error})') from None


def _named_files(folder: Path, subject: 're.Pattern[str] | None') -> dict[Path, Named]:
    """Return the images of a folder and its sub-folders, and what their names say."""
    inside = list_folder(folder, f'{folder}: no such folder')
    by_emotion = any(path.is_dir() and emotion_of(path.name) for path in inside)
    found: dict[Path, Named] = {}
    for part in sorted(inside):
        for path in sorted(part.iterdir()) if part.is_dir() else [part]:
            if is_image_file(path) and path.is_file():
                parent = part.name if part.is_dir() else ''
                named = name_of(path.stem, parent)
                if by_emotion and parent and not emotion_of(parent):
                    named = Named(named.subject, parent)
                found[path] = named if subject is None else Named(
                    _subject(subject, path.relative_to(folder).as_posix()), named.word)
    if not found:
        raise InputError(f'{folder}: no images in it or in its sub-folders')
    return found


def _subject(pattern: 're.Pattern[str]', path: str) -> str:
    match = pattern.search(path)
    if match is None:
        raise InputError(f'--subject: {pattern.pattern} is not found in {path}')
    return str(match[1] if pattern.groups else match[0])


def _read_faces(paths: Iterable[Path]) -> tuple[dict[Path, np.ndarray], int]:
    """Return the faces, uint8 (48, 48), that are found, and how many of them in photos."""
    crop_face, faces, photos = None, {}, 0
    for path in tqdm.tqdm(paths, desc='reading images', unit='image', leave=False,
                          file=sys.stderr, disable=None):
        gray = read_gray(path)
        if max(gray.shape) <= LARGEST_CROP:
            faces[path] = whole_face(gray)
            continue
        crop_face = crop_face or live_cropper(open_detector())
        face = crop_face(gray)
        if face is not None:
            faces[path], photos = face, photos + 1
    return faces, photos


def _some(left_out: dict[str, int]) -> str:
    words = list(left_out)
    return ', '.join(words[:8]) + (f' and {len(words) - 8} more' if len(words) > 8 else '')
