# SPDX-License-Identifier: Apache-2.0
"""Whole photos where crops of faces were meant: how to tell, and how to cut the faces out."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import os
from pathlib import Path
import shutil
import sys

from emorec_training.data.faces.live_crops import live_cropper
from emorec_training.data.folders import is_image_file
from emorec_training.data.folders import read_gray
from emorec_vision.depth.gate import DepthGate
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.files.access import list_folder
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import write_png
import numpy as np
import tqdm

LARGEST_CROP: int = 100
"""Side in px up to which an image is taken for a crop, as those of RAF-DB are."""

SMALLEST_SHARE: float = 0.5
"""Height of a face, relative to the shorter side of its crop: 24 of 48 px."""

LOOKED_AT: int = 40
"""Images that `count_photos` looks at."""


@dataclass
class Cuts:
    """What became of N photos.

    Attributes:
        written: how many crops were written.
        without_face: paths of the photos without a face, relative to the folder.
        errors: one line for each that cannot be read.
    """

    written: int = 0
    without_face: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def count_photos(paths: Sequence[Path]) -> tuple[int, int]:
    """Return how many images are photos with a face too small to learn from, of how many.

    Looks at LOOKED_AT of them, spread evenly, in a few seconds. A photo is larger than
    LARGEST_CROP and its largest face has less than SMALLEST_SHARE of it.

    Args:
        paths: of images that can be read.
    """
    chosen = np.unique(np.linspace(0, len(paths) - 1, min(LOOKED_AT, len(paths))).astype(int))
    large = [gray for gray in map(read_gray, [paths[index] for index in chosen])
             if max(gray.shape) > LARGEST_CROP]
    if not large:
        return 0, len(chosen)
    finder = FaceFinder(open_detector(), DepthGate(), stills=True)
    photos = 0
    for gray in large:
        heights = [face.box.height for face in finder.process(gray, 0).faces]
        photos += bool(heights) and max(heights) < SMALLEST_SHARE * min(gray.shape)
    return photos, len(chosen)


def cut_photos(folder: Path, out: Path) -> Cuts:
    """Write the live crop of the largest face in each photo, uint8 (48, 48), into like folders.

    `folder`/train/Happy/a.jpg becomes `out`/train/Happy/a.png; where there is one of that name,
    a.png.png. Hidden files and folders are passed over.

    Args:
        folder: with photos in it or in its sub-folders.
        out: a folder that is missing or empty, and not inside `folder`.

    Raises:
        InputError: if `out` is no such folder, or there is no image in `folder`.
    """
    _check_out(folder, out)
    photos = sorted(_images_below(folder))
    if not photos:
        raise InputError(f'{folder}: no images in it or in its sub-folders')
    was_there = out.exists()
    make_folder(out)
    try:
        return _cut(folder, photos, out)
    except BaseException:  # Ctrl-C too: a part of the crops would stand in the way of the next try
        for path in ([out] if not was_there else out.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


def _cut(folder: Path, photos: Sequence[Path], out: Path) -> Cuts:
    cuts, taken, crop_face = Cuts(), set[Path](), live_cropper(open_detector())
    for photo in tqdm.tqdm(photos, desc='cutting faces', unit='image', leave=False,
                           file=sys.stderr, disable=None):
        inside = photo.relative_to(folder)
        try:
            crop = crop_face(read_gray(photo))
        except InputError as error:
            cuts.errors.append(str(error))
            continue
        if crop is None:
            cuts.without_face.append(inside.as_posix())
            continue
        name = inside.with_suffix('.png')
        while name in taken:
            name = name.with_name(f'{name.name}.png')
        taken.add(name)
        make_folder((out / name).parent)
        write_png(out / name, crop)
        cuts.written += 1
    return cuts


def _check_out(folder: Path, out: Path) -> None:
    if out.resolve().is_relative_to(folder.resolve()):
        raise InputError(f'--out {out} lies in {folder}; name a folder outside of it')
    if out.exists() and list_folder(out, ''):
        raise InputError(f'--out {out} is not empty; name a new folder')


def _images_below(folder: Path) -> Iterable[Path]:
    """Yield the images in a folder and those in it; follow links, but not round and round."""
    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(place))
        folders[:] = [name for name in folders if name[0] != '.'
                      and os.path.realpath(os.path.join(place, name)) not in seen]
        yield from filter(is_image_file, (Path(place, name) for name in files))
