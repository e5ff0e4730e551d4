# SPDX-License-Identifier: Apache-2.0
"""Prepare the middleware of one run: who can hear it, and no litter in shared memory."""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
import fcntl
from itertools import cycle
from itertools import repeat
import os
from pathlib import Path
import shutil
import sys
from time import time
from xml.etree import ElementTree

from emorec_ros.runtime.process.shared_memory import SEGMENT_PREFIXES
from emorec_ros.runtime.process.shared_memory import SHARED_MEMORY

NAMESPACE = 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'
LOCAL_ELEMENTS = ('interfaceWhiteList', 'metatrafficUnicastLocatorList', 'initialPeersList')
FULL_SEGMENT = 10 * 1024 * 1024
SMALL_SEGMENT = 4 * 1024 * 1024
SEGMENTS_OF_A_RUN = 8
YOUNG = 10.0
"""Age of a file in s before which a process that starts may not have locked it yet."""
SMALL_MEMORY = (f'{SHARED_MEMORY} is small: using {SMALL_SEGMENT // 2**20} MB of shared memory '
                'per process, which holds fewer images')
USER_PORTS = range(101, 245, 16)
"""Offsets of the ports for data that processes which start again take in turn, in the part of the
domain's 250 ports that the standard's own (RTPS 2.5, 9.6.2.3) leave free."""
LAST_DOMAIN = 231
"""Above it these are no ports."""
PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
"""What Fast DDS 2 and 3 read the name of a profile from."""


def profile_environment(profile: Path) -> dict[str, str]:
    """Return the variables that make a process use a Fast DDS profile.

    Fast DDS 3 reads the older one too, but warns of it in every process. Only its ROS package is
    called fastdds.
    """
    prefixes = (sys.prefix, *filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(':')))
    is_3 = any((Path(prefix) / 'share' / 'fastdds').is_dir() for prefix in prefixes)
    return dict.fromkeys(PROFILE_VARIABLES[1:] if is_3 else PROFILE_VARIABLES, str(profile))


def launched_environment(
    template: Path, folder: Path, environ: Mapping[str, str], size: int
) -> dict[str, str]:
    """Return what a launched process needs so that no image gets lost on its way.

    With the memory that Fast DDS takes by default, a busy machine loses half of the depth, and
    faces go unchecked.

    Args:
        template: the profile for this machine only, config/fastdds.xml.
        folder: where to write the profile that is open to the network; it must last as long as
            processes start.
        environ: of the launch; a profile that the user named there is left alone.
        size: of a process's shared memory, bytes.
    """
    if any(environ.get(name) for name in PROFILE_VARIABLES):
        return {}
    profile = folder / 'fastdds.xml'
    write_profile(template, profile, True, size)
    return profile_environment(profile)


def write_profile(template: Path, target: Path, network: bool, segment_size: int) -> None:
    """Write the Fast DDS profile of one run.

    Args:
        template: the profile for this machine only, config/fastdds.xml.
        target: file to write.
        network: whether other machines can take part.
        segment_size: of a process's shared memory, bytes.
    """
    root = ElementTree.parse(template).getroot()
    for size in root.iter(f'{{{NAMESPACE}}}segment_size'):
        size.text = str(segment_size)
    if network:
        for parent in list(root.iter()):
            for element in [parent.find(f'{{{NAMESPACE}}}{name}') for name in LOCAL_ELEMENTS]:
                if element is not None:
                    parent.remove(element)
    _write(root, target)


def environments(
    first: dict[str, str], starts: int, profile: Path, domain: str
) -> Iterator[dict[str, str]]:
    """Yield the environment of one process after the other that starts, without end.

    In place of the shared-memory port of a killed reader, Fast DDS makes another one of the same
    number, but writers keep writing into the old one until they notice that nobody moves in it.
    That takes seconds, and for ever where the reader died neither waiting for a message nor
    reading one (WatchTask::update_status_all_listeners). So a process that starts again has the
    same profile with other ports.

    Args:
        first: environment of the first starts.
        starts: how many these are.
        profile: that it names; the others are written beside it. Where it names none, all starts
            have the same.
        domain: ROS_DOMAIN_ID, or ''.
    """
    yield from repeat(first, starts)
    no_room = domain.isdecimal() and int(domain) > LAST_DOMAIN
    if no_room or str(profile) not in first.values():
        yield from repeat(first)
    for offset in cycle(USER_PORTS):
        target = profile.with_stem(f'{profile.stem}_{offset}')
        root = ElementTree.parse(profile).getroot()
        port = ElementTree.SubElement(
            next(root.iter(f'{{{NAMESPACE}}}rtps')), f'{{{NAMESPACE}}}port')
        ElementTree.SubElement(port, f'{{{NAMESPACE}}}offsetd3').text = str(offset)
        _write(root, target)
        yield {**first, **profile_environment(target)}


def segment_size(folder: Path = SHARED_MEMORY) -> int:
    """Return the size (bytes) of a process's shared memory that fits what is free."""
    with suppress(OSError):
        if shutil.disk_usage(folder).free < SEGMENTS_OF_A_RUN * FULL_SEGMENT:
            return SMALL_SEGMENT
    return FULL_SEGMENT


def remove_dead_segments(folder: Path = SHARED_MEMORY) -> int:
    """Remove the shared memory of this user's Fast DDS processes that died without cleaning up.

    A living process holds a lock on a file beside what it uses, ending in `_el` (exclusive) or
    `_sl` (shared): what has no lock is dead, as `fastdds shm clean` sees it. But a starting
    process makes the file before the lock, and would stay deaf without it: only what nothing was
    written to for a while is removed.

    Returns:
        how many segments and ports were removed.
    """
    removed = 0
    for name in _dead_names(folder):
        removed += (folder / name).exists()
        for path in (*_files(folder, name), folder / f'sem.{name}_mutex'):
            with suppress(OSError):
                path.unlink()
    return removed


def _write(root: ElementTree.Element, target: Path) -> None:
    ElementTree.register_namespace('', NAMESPACE)
    target.write_bytes(ElementTree.tostring(root, encoding='utf-8', xml_declaration=True))


def _dead_names(folder: Path) -> set[str]:
    names = {path.name.removesuffix('_el').removesuffix('_sl')
             for prefix in SEGMENT_PREFIXES for path in folder.glob(f'{prefix}_*')}
    return {name for name in names
            if not any(_is_young(path) or _is_locked(path) for path in _files(folder, name))}


def _files(folder: Path, name: str) -> list[Path]:
    return [folder / name, folder / f'{name}_el', folder / f'{name}_sl']


def _is_young(path: Path) -> bool:
    try:
        return time() - path.stat().st_mtime < YOUNG
    except FileNotFoundError:
        return False


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        if os.fstat(descriptor).st_uid != os.getuid():
            return True
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
