# SPDX-License-Identifier: Apache-2.0
"""The storage files of a bag: which belong to it, which are lost, and how they are unpacked."""

from dataclasses import dataclass
from dataclasses import field
from functools import partial
import importlib
from pathlib import Path
from pathlib import PurePath
import re
from shutil import copyfileobj
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.files.access import check_file
from emorec_vision.files.access import list_folder
from emorec_vision.sources.detect import hint
import yaml

METADATA = 'metadata.yaml'
SUFFIXES = ('.mcap', '.db3')
PACKED = '.zstd'
PACKED_START = b'\x28\xb5\x2f\xfd'
"""Of what Zstandard compressed, a file or a message; no message begins so by itself."""
FINDER = '._'
"""Beginning of the files in which macOS keeps what other file systems cannot."""
LARGEST_METADATA = 50_000_000


@dataclass
class StorageFiles:
    """The files of a bag in their order, and one line about each doubt."""

    files: list[Path]
    warnings: list[str] = field(default_factory=list)


def storage_files(path: Path) -> StorageFiles:
    """Return the storage files of a bag.

    Args:
        path: the bag's folder, or one of its files, plain or compressed.

    Raises:
        InputError: if it is missing, holds none, or has lost all.
    """
    missing = f'there is no bag {path}; check the path'
    if not path.is_dir():
        check_file(path, missing, partial(hint, given_as='bag'))
        if path.name.startswith(FINDER):
            raise InputError(f'{path} is what macOS keeps beside a file, no bag; give '
                             f'{path.with_name(path.name.removeprefix(FINDER))}')
        return StorageFiles([path])
    content = [each for each in list_folder(path, missing) if not each.name.startswith('.')]
    for each in content:
        if is_storage(each.name) or each.name == METADATA:
            check_file(each, f'{each} is a link that leads nowhere')
    content = [each for each in content if each.is_file()]
    there = sorted((each for each in content if is_storage(each.name)), key=_natural_key)
    named = _named_files(path / METADATA) if path / METADATA in content else None
    if named is None:
        if not there:
            raise InputError(_nothing(path, path / METADATA in content))
        why = (f'a damaged {METADATA}' if path / METADATA in content
               else f'no {METADATA} (was its recorder killed?)')
        return StorageFiles(there, [f'{path} has {why}: playing its files'])
    names = [each.name for each in content]
    found = [_unpacked_or_not(name, names) for name in named]
    lost = [name for name, here in zip(named, found) if not here]
    if not any(found):
        raise InputError(f'{path} is no ROS 2 bag, or a damaged one: '
                         f'{", ".join(lost) or "files"} of {METADATA} missing')
    warnings = [f'{path}: {", ".join(lost)} of {METADATA} missing: playing the rest'] * bool(lost)
    return StorageFiles([path / here for here in found if here], warnings)


def is_storage(name: str) -> bool:
    """Tell whether a file is a part of a bag, by its name."""
    return name.removesuffix(PACKED).endswith(SUFFIXES) and not name.startswith('.')


def unpack(file: Path, folder: Path) -> tuple[Path, str]:
    """Return a storage file that can be read, and a line if it breaks off.

    Args:
        file: of a bag; a compressed one is unpacked.
        folder: to unpack to.

    Raises:
        InputError: if the disk is full.
    """
    if file.suffix != PACKED:
        return file, ''
    plain = folder / file.stem
    try:
        with open(file, 'rb') as packed, open(plain, 'wb') as out:
            copyfileobj(zstandard().open(packed, 'rb'), out)
    except OSError as error:
        raise InputError(f'cannot unpack {file} to {folder}: '
                         f'{error.strerror or error}') from None
    except Exception as error:  # noqa: B902 - EOFError, and ZstdError of two modules
        return plain, f'{file} is damaged, what follows is left out: {error}'
    return plain, ''


def zstandard() -> Any:
    """Return Python's module for Zstandard, which rosbags needs too."""
    try:
        return importlib.import_module('compression.zstd')
    except ImportError:
        return importlib.import_module('backports.zstd')


def _named_files(metadata: Path) -> list[str] | None:
    """Return the names of the storage files in metadata.yaml, None where it is damaged."""
    try:
        if metadata.stat().st_size > LARGEST_METADATA:
            return None
        content = yaml.safe_load(metadata.read_bytes())
        paths = content['rosbag2_bagfile_information']['relative_file_paths']
        return [PurePath(path).name for path in paths] or None
    except OSError as error:
        raise InputError(f'cannot read {metadata}: {error.strerror}') from None
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError):
        return None


def _unpacked_or_not(name: str, names: list[str]) -> str:
    """Return a named file as it is there, unpacked or packed by hand; '' where it is lost."""
    return next((each for each in (name, name.removesuffix(PACKED), name + PACKED)
                 if each in names), '')


def _nothing(path: Path, has_metadata: bool) -> str:
    """Return why a folder is no bag."""
    if has_metadata:
        return (f'{path} is no ROS 2 bag, or a damaged one: {METADATA} is damaged, and there are '
                'no storage files')
    return (f'{path} holds no ROS 2 bag: neither {METADATA} nor '
            f'{" or ".join("*" + suffix for suffix in SUFFIXES)}{hint(path, "bag")}')


def _natural_key(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts bag_2 before bag_10."""
    return [(int(part[:18]), '') if part.isdecimal() else (-1, part)
            for part in re.split(r'(\d+)', path.name)]
