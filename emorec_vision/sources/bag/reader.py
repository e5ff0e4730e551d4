# SPDX-License-Identifier: Apache-2.0
"""Read the messages of a bag through the rosbags library, which needs no ROS."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message.compressed import declared_encoding
from emorec_vision.image_message.compressed import decompressed
from emorec_vision.sources.bag.storage import PACKED_START
from emorec_vision.sources.bag.storage import storage_files
from emorec_vision.sources.bag.storage import unpack
from emorec_vision.sources.bag.storage import zstandard
from emorec_vision.sources.detect import hint
from emorec_vision.stamps import NANOSECONDS

LATEST_NS = 2**31 * NANOSECONDS - 1
"""The latest stamp that ROS can say; times of recording may be later in a damaged bag."""


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

    A bag that breaks off or has lost files, or whose messages cannot be decoded, is told of in
    `take_warnings`. Compressed files are unpacked to a temporary folder, gone with `close`.

    Args:
        path: a folder with metadata.yaml, or with storage files left by a crash, or one file.

    Attributes:
        types: message type by topic.

    Raises:
        InputError: if rosbags is missing, or this is no bag that it reads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._warnings: list[str] = []
        self._told: set[str] = set()
        self._broken: defaultdict[str, set[int]] = defaultdict(set)
        self._recorded_times = False
        self._stack = ExitStack()
        found = storage_files(path)
        self._warnings += found.warnings
        try:
            self._reader = self._open(found.files)
        except BaseException:
            self._stack.close()
            raise
        self.types = {connection.topic: connection.msgtype
                      for connection in self._reader.connections}

    def close(self) -> None:
        """Close the files; a second call does nothing."""
        self._stack.close()

    def take_warnings(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        warnings, self._warnings = self._warnings, []
        return warnings

    def first(self, topic: str) -> Any | None:
        """Return the first message of a topic."""
        return next((message for _, message, _ in self._messages(topic)), None)

    def encoding_of(self, topic: str) -> str:
        """Return the encoding of the first image of a topic, '' where there is none.

        That of a compressed one is what it is decoded to: formats do not tell 8 from 16 bits.
        """
        message = self.first(topic)
        if message is None:
            return ''
        try:
            return str(decompressed(message).encoding)
        except ImageMessageError:
            return declared_encoding(message)

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
            if self._recorded_times:
                stamp = bag_ns
            yield Image(message, min(stamp or bag_ns, LATEST_NS), bag_ns, topic == depth)

    def use_recorded_times(self) -> None:
        """Take every image from now on as taken when it was recorded."""
        self._recorded_times = True

    def tell_broken(self) -> None:
        """Tell how many messages could not be decoded where it was more than one of a topic."""
        for topic, broken in self._broken.items():
            if len(broken) > 1:
                self._warn(f'{self._path}: {len(broken)} messages of {topic} are broken and left '
                           'out in all')

    def _open(self, files: list[Path]) -> Any:
        """Return a reader of those files that can be opened.

        Raises:
            InputError: if rosbags is missing, or none can be opened.
        """
        try:
            from rosbags.highlevel import AnyReader
            from rosbags.typesys import get_typestore
            from rosbags.typesys import Stores
        except ImportError:
            raise InputError('bag: needs the Python package rosbags, which is not installed: '
                             'python3 -m pip install rosbags') from None
        folder = self._stack.enter_context(TemporaryDirectory(prefix='emorec_bag_'))
        plain = []
        for file in files:
            storage, problem = unpack(file, Path(folder))
            plain.append(storage)
            self._warnings += [problem] * bool(problem)
        refused: list[str] = []
        while plain:
            try:
                reader = AnyReader(
                    plain, default_typestore=get_typestore(Stores.ROS2_JAZZY))
                reader.open()
                self._stack.callback(reader.close)
                return reader
            except Exception as error:  # noqa: B902 - each storage has errors of its own
                bad = [each for each in plain if not _opens(each)] or plain
                refused += [each.name for each in bad]
                plain = [each for each in plain if each not in bad]
                if not plain:
                    raise InputError(f'{self._path} is no ROS 2 bag, or a damaged one: '
                                     f'{_line(error)}{hint(self._path, "bag")}') from None
                self._warnings.append(f'{self._path}: {", ".join(refused)} cannot be read: '
                                      f'playing the rest: {_line(error)}')
        raise AssertionError('no files')

    def _messages(self, *topics: str) -> Iterator[tuple[str, Any, int]]:
        """Yield topic, message and time of recording (ns) of the messages of some topics."""
        wanted = [connection for connection in self._reader.connections
                  if connection.topic in topics]
        owners = {id(connection.owner): connection.owner for connection in wanted}
        parts = [self._of_file([connection for connection in wanted
                                if connection.owner is owner]) for owner in owners.values()]
        for connection, bag_ns, data in merge(*parts, key=lambda part: part[1]):
            message = self._decoded(data, connection.msgtype, connection.topic, bag_ns)
            if message is not None:
                yield connection.topic, message, bag_ns

    def _of_file(self, connections: list[Any]) -> Iterator[tuple[Any, int, bytes]]:
        """Yield connection, time (ns) and data of the messages in a file, as far as it goes."""
        try:
            yield from self._reader.messages(connections)
        except Exception as error:  # noqa: B902 - each storage has errors of its own
            self._warn(f'{connections[0].owner.path} is damaged, what follows is left out: '
                       f'{_line(error)}')

    def _decoded(self, data: bytes, kind: str, topic: str, bag_ns: int) -> Any | None:
        """Return a message, or None and a word about it where it cannot be decoded."""
        try:
            if bytes(data[:len(PACKED_START)]) == PACKED_START:
                data = zstandard().decompress(data)
            return self._reader.deserialize(data, kind)
        except Exception as error:  # noqa: B902 - numpy and struct complain in many ways
            if topic not in self._broken:
                self._warn(f'{self._path}: a message of {topic}, recorded at '
                           f'{bag_ns / NANOSECONDS:.3f} s, is broken and left out: '
                           f'{_line(error)}')
            self._broken[topic].add(bag_ns)
            return None

    def _warn(self, text: str) -> None:
        """Tell something once; the beginning of a bag is read several times."""
        if text not in self._told:
            self._told.add(text)
            self._warnings.append(text)


def _line(error: Exception) -> str:
    """Return the first line of an error."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _opens(file: Path) -> bool:
    """Tell whether a storage file can be opened."""
    from rosbags.rosbag1 import Reader as OldReader
    from rosbags.rosbag2 import Reader
    try:
        with OldReader(file) if file.suffix == '.bag' else Reader(file):
            return True
    except Exception:  # noqa: B902 - each storage has errors of its own
        return False
