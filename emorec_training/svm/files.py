# SPDX-License-Identifier: Apache-2.0
"""Features of a data set as .npy files beside a page that says what they are."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from emorec_training.data.dataset import Split
from emorec_training.networks.layers.hog import ORIENTATIONS
from emorec_training.networks.layers.hog import windows
from emorec_training.provenance import file_sha256
from emorec_training.provenance import revision
from emorec_training.svm.features import features_of
from emorec_training.svm.landmarks import landmarks_of
from emorec_vision.errors import InputError
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import replace
from emorec_vision.files.access import write_json
from emorec_vision.files.json_text import read_json
import numpy as np

ABOUT = 'features.json'


def about(digest: str, labels: Sequence[str], kinds: Sequence[str], one_hot: bool,
          predictor: Path | None = None) -> dict[str, Any]:
    """Return what features.json says of the source and of the columns of each file.

    Args:
        digest: SHA-256 of the data.
        labels: the classes, in the order of their numbers.
        kinds: of features.
        one_hot: whether labels.npy is (N, C) instead of (N,).
        predictor: dlib's, for landmarks.
    """
    columns = {
        'pixels': 'gray / 255, row by row',
        'hog': f'3 x 3 cells of 16 px, row by row, {ORIENTATIONS} orientations each, from 0 to '
               '180 degrees; skimage.feature.hog(image, 8, (16, 16), (1, 1))',
        'hog_windows': f'{len(list(windows()))} windows of 24 px, every 6 px, row by row, cut at '
                       'the edges of the image; cells of 8 px of each, row by row, '
                       f'{ORIENTATIONS} orientations each',
        'landmarks': 'x and y, px, of each of the points of the predictor of dlib that was named'}
    return {'data_sha256': digest, 'labels': list(labels), 'one_hot': one_hot,
            'columns': {kind: columns[kind] for kind in kinds}, 'revision': revision(),
            'keras': version('keras'),
            **({'predictor_sha256': file_sha256(predictor)} if predictor else {})}


def write_features(split: Split, name: str, kinds: Sequence[str], images: bool, one_hot: bool,
                   folder: Path, said: dict[str, Any], predictor: Path | None = None) -> int:
    """Write the files of one split into folder/name; return how many were there already.

    Args:
        split: images and labels.
        name: of the split.
        kinds: of features, a file each, float32 (N, values).
        images: whether to write the images too, uint8 (N, 48, 48).
        one_hot: whether labels are written as float32 (N, C) instead of int64 (N,).
        folder: in which `said` is features.json.
        said: by `about`.
        predictor: dlib's, for landmarks.

    Raises:
        InputError: if a file cannot be written.
    """
    place = make_folder(folder / name)
    hot = np.eye(len(said['labels']), dtype=np.float32)
    _save(place / 'labels.npy', hot[split.labels] if one_hot else split.labels)
    if images:
        _save(place / 'images.npy', split.images)
    there = 0
    for kind in kinds:
        path = place / f'{kind}.npy'
        if path.exists():
            there += 1
        elif kind == 'landmarks' and predictor is not None:
            _save(path, landmarks_of(split.images, predictor))
        else:
            _save(path, features_of(split.images, [kind]))
    return there


def begin(folder: Path, said: dict[str, Any]) -> None:
    """Write features.json, or find the same one there.

    Raises:
        InputError: if the folder holds features of something else.
    """
    make_folder(folder)
    path = folder / ABOUT
    if path.exists():
        old = read_json(path)
        differing = [key for key in ('data_sha256', 'labels', 'one_hot', 'predictor_sha256')
                     if key in said and key in old and old[key] != said[key]]
        if differing:
            raise InputError(f'{folder} holds features with another {differing[0]}: name another '
                             '--out')
        said.update({**old, **said, 'columns': {**old.get('columns', {}), **said['columns']}})
    write_json(path, said)


def _save(path: Path, values: np.ndarray) -> None:
    with replace(path) as temporary:
        with temporary.open('wb') as file:
            np.save(file, values, allow_pickle=False)
