# SPDX-License-Identifier: Apache-2.0
"""Read the messages of a bag through the rosbags library, which needs no ROS."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.files import check_file
from emorec_vision.files import list_folder
from emorec_vision.fitting import hint
from emorec_vision.image_message.compressed import declared_encoding
from emorec_vision.stamps import NANOSECONDS

SUFFIXES = ('.mcap', '.db3')
METADATA = 'metadata.yaml'


@dataclass(frozen=True)
class Image:
    """An image message, raw or compressed; `bag_ns` is when it was recorded, ns."""

    message: Any
    stamp: int
    bag_ns: int
    is_depth: bool

    @property
    def seconds(self) -> float:
        """Return the stamp in s."""
        return self.stamp / NANOSECONDS


class BagFile:
    """Open a bag and hand out its messages.

    A bag that breaks off, or whose messages cannot be decoded, is told of in `take_warnings`.

    Args:
        path: a folder with metadata.yaml, or with storage files left by a crash, or one file.

    Raises:
        InputError: if rosbags is missing, or this is no bag that it reads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._warnings: list[str] = []
        self._told: set[str] = set()
        files = self._files()
        try:
            from rosbags.highlevel import AnyReader
            from rosbags.typesys import get_typestore
            from rosbags.typesys import Stores
        except ImportError:
            raise InputError('bag: needs the Python package rosbags, which is not installed: '
                             'python3 -m pip install rosbags') from None
        try:
            self._reader = AnyReader(
                files, default_typestore=get_typestore(Stores.ROS2_JAZZY))
            self._reader.open()
        except Exception as error:  # noqa: B902 - each storage has errors of its own
            raise InputError(f'{path} is no ROS 2 bag, or a damaged one: '
                             f'{_line(error)}{hint(path, "bag")}') from None
        self.types = {connection.topic: connection.msgtype
                      for connection in self._reader.connections}

    def close(self) -> None:
        """Close the files; a second call does nothing."""
        if self._reader.stack is not None:
            self._reader.close()

    def take_warnings(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        warnings, self._warnings = self._warnings, []
        return warnings

    def first(self, topic: str) -> Any | None:
        """Return the first message of a topic."""
        return next((message for _, message, _ in self._messages(topic)), None)

    def encoding_of(self, topic: str) -> str:
        """Return the encoding of the first image of a topic, '' where there is none."""
        message = self.first(topic)
        return '' if message is None else declared_encoding(message)

    def stamps(self, topic: str, count: int) -> list[int]:
        """Return the stamps of the first images of a topic, ns."""
        return [image.stamp for image, _ in zip(self.images(topic, ''), range(count))]

    def images(self, colour: str, depth: str) -> Iterator[Image]:
        """Yield the images of both topics in the order they were recorded.

        A message without a stamp counts as taken when it was recorded.
        """
        for topic, message, bag_ns in self._messages(*filter(None, (colour, depth))):
            time = message.header.stamp
            stamp = time.sec * NANOSECONDS + time.nanosec
            yield Image(message, stamp or bag_ns, bag_ns, topic == depth)

    def _messages(self, *topics: str) -> Iterator[tuple[str, Any, int]]:
        """Yield topic, message and time of recording (ns) of the messages of some topics."""
        wanted = [connection for connection in self._reader.connections
                  if connection.topic in topics]
        if not wanted:
            return
        try:
            for connection, bag_ns, data in self._reader.messages(wanted):
                message = self._decoded(data, connection.msgtype, connection.topic, bag_ns)
                if message is not None:
                    yield connection.topic, message, bag_ns
        except Exception as error:  # noqa: B902 - each storage has errors of its own
            self._warn(f'{self._path} is damaged, what follows is left out: {_line(error)}')

    def _decoded(self, data: bytes, kind: str, topic: str, bag_ns: int) -> Any | None:
        """Return a message, or None and a word about it where it cannot be decoded."""
        try:
            return self._reader.deserialize(data, kind)
        except Exception as error:  # noqa: B902 - numpy and struct complain in many ways
            self._warn(f'{self._path}: a message of {topic}, recorded at '
                       f'{bag_ns / NANOSECONDS:.3f} s, is broken and left out: {_line(error)}')
            return None

    def _warn(self, text: str) -> None:
        """Tell something once; the beginning of a bag is read several times."""
        if text not in self._told:
            self._told.add(text)
            self._warnings.append(text)

    def _files(self) -> list[Path]:
        """Return what rosbags opens: the folder, or the storage files themselves.

        Raises:
            InputError: if there is none.
        """
        missing = f'there is no bag {self._path}; check the path'
        if not self._path.is_dir():
            check_file(self._path, missing, 'bag')
            return [self._path]
        content = list_folder(self._path, missing)
        for path in content:
            if path.suffix in SUFFIXES or path.name == METADATA:
                check_file(path, f'{path} is a link that leads nowhere')
        if self._path / METADATA in content:
            return [self._path]
        files = sorted(path for path in content if path.suffix in SUFFIXES)
        if not files:
            raise InputError(f'{self._path} holds no ROS 2 bag: neither metadata.yaml nor '
                             f'{" or ".join("*" + suffix for suffix in SUFFIXES)}'
                             f'{hint(self._path, "bag")}')
        self._warnings.append(f'{self._path} has no metadata.yaml (was its recorder killed?): '
                              'playing its files')
        return files


def _line(error: Exception) -> str:
    """Return the first line of an error."""
    return (str(error).splitlines() or [type(error).__name__])[0]
