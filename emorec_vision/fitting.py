# SPDX-License-Identifier: Apache-2.0
"""What a file or folder is good for, where it was given in the wrong place."""

from pathlib import Path

WORDS = {'bag': 'a bag', 'images': 'a folder of images', 'recording': 'a recording',
         'video': 'a video', 'image': 'an image'}


def hint(path: Path, given_as: str) -> str:
    """Return what to give instead, as the end of an error's text.

    Args:
        given_as: the kind of source, or 'image', that it was given as.
    """
    from emorec_vision.sources.detect import kind_of_path
    kind = kind_of_path(path)
    if kind in ('', given_as):
        return ''
    use = f'emorec predict {path}' if kind == 'image' else f'--source {kind}:{path}'
    return f'; it looks like {WORDS[kind]}: {use}'
