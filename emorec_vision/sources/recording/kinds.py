# SPDX-License-Identifier: Apache-2.0
"""The kinds of recordings, and which one a folder holds."""

from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.sources.detect import hint
from emorec_vision.sources.recording.fakenect import FakenectFolder
from emorec_vision.sources.recording.frame import RecordingFolder
from emorec_vision.sources.recording.images import ImageFolder
from emorec_vision.sources.recording.named import NamedFolder
from emorec_vision.sources.recording.tum import TumFolder

KINDS: tuple[type[RecordingFolder], ...] = (FakenectFolder, TumFolder, ImageFolder, NamedFolder)
TEXT_DEPTH = '.depth'


def kind_of(files: list[Path]) -> type[RecordingFolder] | None:
    """Return the kind of recording that a folder with these files is, None if it is none."""
    return next((kind for kind in KINDS if kind.recognises(files)), None)


def open_recording(folder: Path, files: list[Path]) -> RecordingFolder:
    """Return the recording in a folder.

    Args:
        files: what is in the folder.

    Raises:
        InputError: if that is no recording.
    """
    if any(path.suffix == TEXT_DEPTH for path in files):
        raise InputError(f'{folder} holds depth as text (*{TEXT_DEPTH}), which is not read; '
                         'ICL-NUIM offers the same as TUM RGB-D compatible PNGs')
    kind = kind_of(files)
    if kind is None:
        raise InputError(
            f'{folder} holds no recording: neither a dump of fakenect-record (INDEX.txt and '
            'r-*.ppm) nor images named NNN_rgb.png (and NNN_depth.png), nor rgb.txt and depth.txt '
            'of TUM RGB-D, nor images of colour and depth, or images beside a camera.json'
            f'{hint(folder, "recording")}')
    return kind(folder, files)
