# SPDX-License-Identifier: Apache-2.0
"""Tell what kind of source a path is that stands alone, or stands in the wrong place."""

import os
from pathlib import Path

from emorec_vision.files.user_path import expand
from emorec_vision.sources.camera_names import SCHEMES
from emorec_vision.sources.camera_names import STREAM

KINDS = ('auto', 'topics', 'topic', 'kinect', 'webcam', 'stream', 'demo', 'video', 'images',
         'recording', 'bag')
"""What names of sources begin with, also where a file is called so."""
VIDEO_SUFFIXES = frozenset('.3gp .avi .m4v .mkv .mov .mp4 .mpeg .mpg .ogv .webm .wmv'.split())
IMAGE = 'image'
QUERY = '?'
WORDS = {'bag': 'a bag', 'images': 'a folder of images', 'recording': 'a recording',
         'video': 'a video', 'image': 'an image'}


def with_kind(spec: str) -> str:
    """Return the name of a source with its kind before it where it is a path or address alone.

    What is no path, or one of nothing that emorec plays, is returned as it is.
    """
    if not spec or spec.partition(':')[0] in KINDS:
        return spec
    if spec.lower().startswith(tuple(f'{scheme}://' for scheme in SCHEMES)):
        return STREAM + spec
    path = expand(spec)
    if not os.path.lexists(path):
        path = expand(spec.rpartition(QUERY)[0] or spec)
    kind = kind_of_path(path)
    return f'{kind}:{spec}' if kind not in ('', IMAGE) else spec


def kind_of_path(path: Path) -> str:
    """Return the kind of source that a file or folder is, 'image' for one, '' for none of these.

    What may not be looked into is none.
    """
    from emorec_vision.sources.bag.storage import is_storage
    from emorec_vision.sources.bag.storage import METADATA
    from emorec_vision.sources.recording.kinds import kind_of
    from emorec_vision.still_image.header import SUFFIXES
    try:
        suffix = path.suffix.lower()
        if path.is_file():
            if is_storage(path.name) or suffix == '.bag':
                return 'bag'
            return 'video' if suffix in VIDEO_SUFFIXES else IMAGE if suffix in SUFFIXES else ''
        files = list(path.iterdir()) if path.is_dir() else []
        if any(is_storage(file.name) or file.name == METADATA for file in files):
            return 'bag'
        if files and kind_of(files) is not None:
            return 'recording'
        return 'images' if any(file.suffix.lower() in SUFFIXES and file.name[:1] != '.'
                               for file in files) else ''
    except OSError:
        return ''


def hint(path: Path, given_as: str) -> str:
    """Return what to give instead, as the end of an error's text.

    Args:
        given_as: the kind of source, or 'image', that it was given as.
    """
    kind = kind_of_path(path)
    if kind in ('', given_as):
        return ''
    use = f'emorec predict {path}' if kind == 'image' else f'--source {kind}:{path}'
    return f'; it looks like {WORDS[kind]}: {use}'
