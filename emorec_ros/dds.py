# SPDX-License-Identifier: Apache-2.0
"""Prepare the middleware of one run: who can hear it, and no litter in shared memory."""

from contextlib import suppress
import fcntl
import os
from pathlib import Path
import shutil
from xml.etree import ElementTree

SHARED_MEMORY = Path('/dev/shm')
NAMESPACE = 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'
FULL_SEGMENT = 10 * 1024 * 1024
SMALL_SEGMENT = 4 * 1024 * 1024
SEGMENTS_OF_A_RUN = 8


def write_profile(template: Path, target: Path, network: bool, segment_size: int) -> None:
    """Write the Fast DDS profile of one run: on this machine only, unless `network`."""
    ElementTree.register_namespace('', NAMESPACE)
    tree = ElementTree.parse(template)
    for descriptor in tree.iter(f'{{{NAMESPACE}}}transport_descriptor'):
        for size in descriptor.findall(f'{{{NAMESPACE}}}segment_size'):
            size.text = str(segment_size)
        for white_list in descriptor.findall(f'{{{NAMESPACE}}}interfaceWhiteList'):
            if network:
                descriptor.remove(white_list)
    tree.write(target, encoding='utf-8', xml_declaration=True)


def segment_size(folder: Path = SHARED_MEMORY) -> int:
    """Give the size (bytes) of a process's shared memory that fits what is free."""
    with suppress(OSError):
        if shutil.disk_usage(folder).free < SEGMENTS_OF_A_RUN * FULL_SEGMENT:
            return SMALL_SEGMENT
    return FULL_SEGMENT


def remove_dead_segments(folder: Path = SHARED_MEMORY) -> int:
    """
    Remove the shared memory of Fast DDS processes that died without cleaning up.

    A living process holds a lock on the `_el` file beside its segment, as `fastdds shm clean`
    uses it. Files of other users are left alone.

    :returns: how many segments were removed.
    """
    removed = 0
    for lock in folder.glob('fastrtps_*_el'):
        segment = lock.with_name(lock.name[:-len('_el')])
        with suppress(OSError):
            if _is_locked(lock):
                continue
            removed += segment.exists()
            for path in (segment, lock, folder / f'sem.{segment.name}_mutex'):
                path.unlink(missing_ok=True)
    return removed


def _is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
