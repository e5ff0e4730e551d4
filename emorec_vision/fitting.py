# SPDX-License-Identifier: Apache-2.0
"""What a file or folder is good for, where it was given in the wrong place."""

import os
from pathlib import Path
import re

from emorec_vision.image_header import SUFFIXES


BAG_SUFFIXES = frozenset('.bag .db3 .mcap'.split())
VIDEO_SUFFIXES = frozenset('.3gp .avi .m4v .mkv .mov .mp4 .mpeg .mpg .ogv .webm .wmv'.split())
RECORDED = re.compile(r'INDEX\.txt|\d+_rgb\.\w+|r-\d+\.\d+-\d+\.ppm')
"""Names of files in recordings."""
WORDS = {'bag': 'a bag', 'images': 'a folder of images', 'recording': 'a recording',
         'video': 'a video', 'image': 'an image'}


def fitting_kind(path: Path) -> str:
    """Return which kind of source a file or folder looks like, 'image', or ''."""
    try:
        names = os.listdir(path) if path.is_dir() else [path.name] if path.is_file() else []
    except OSError:
        return ''
    suffixes = {os.path.splitext(name)[1].lower() for name in names if name[:1] != '.'}
    if suffixes & BAG_SUFFIXES or path.is_dir() and 'metadata.yaml' in names:
        return 'bag'
    if not path.is_dir():
        return 'video' if suffixes & VIDEO_SUFFIXES else 'image' if suffixes & SUFFIXES else ''
    if any(map(RECORDED.fullmatch, names)):
        return 'recording'
    return 'images' if suffixes & SUFFIXES else ''


def hint(path: Path, given_as: str) -> str:
    """Return what to give instead, as the end of an error's text.

    Args:
        given_as: the kind of source, or 'image', that it was given as.
    """
    kind = fitting_kind(path)
    if kind in ('', given_as):
        return ''
    use = f'emorec predict {path}' if kind == 'image' else f'--source {kind}:{path}'
    return f'; it looks like {WORDS[kind]}: {use}'
