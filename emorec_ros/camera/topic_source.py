# SPDX-License-Identifier: Apache-2.0
"""The images of an image topic as a source of frames, for commands that are no node."""

from contextlib import suppress
from queue import Empty
from queue import Queue
from time import monotonic

from emorec_ros.camera.image_subscription import checked_topic
from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import to_rgb
from emorec_ros.runtime.command_node import CommandNode
from emorec_vision.errors import InputError
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import UnreadEncoding
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost

WAIT_S = 10.0
"""How long an image may take to come, s."""


class TopicSource(Source):
    """The newest image of an image topic, again and again; images meanwhile are left out.

    Args:
        topic: its name.
        wait: how long an image may take to come, s.

    Raises:
        InputError: if the name is none, ROS does not start, no image comes, or its encoding is
            not read.
    """

    kind = 'topic'
    live = True

    def __init__(self, topic: str, wait: float = WAIT_S) -> None:
        """Subscribe and wait for the first image."""
        super().__init__()
        self._topic = checked_topic(topic)
        self._wait = wait
        self._newest: Queue[AnyImage] = Queue(1)
        self._node = CommandNode('faces_acquire')
        self._subscription = ImageSubscription(self._node.ros, topic, self._on_image, 'auto')
        self._node.start()
        try:
            self._next: Frame | None = self._receive()
        except SourceLost as error:
            self.close()
            raise InputError(f'{error}; is the camera running, and ROS_DOMAIN_ID the same as '
                             'there?') from None
        except BaseException:
            self.close()
            raise

    def read(self) -> Frame:
        """Return the next image, with the stamp of its header.

        Raises:
            SourceLost: if none comes.
        """
        frame, self._next = self._next or self._receive(), None
        return frame

    def close(self) -> None:
        """Leave the ROS graph."""
        self._node.close()

    def _receive(self) -> Frame:
        """Wait for an image that can be read.

        Raises:
            InputError: if their encoding is not read.
            SourceLost: if none comes.
        """
        end = monotonic() + self._wait
        while (left := end - monotonic()) > 0:
            with suppress(Empty):
                message = self._newest.get(timeout=left)
                try:
                    return Frame(to_rgb(message).copy(), stamp_ns(message.header.stamp))
                except UnreadEncoding as error:
                    raise InputError(f'images come on {self._topic}, but {error}') from None
                except ImageMessageError as error:
                    self.skipped += 1
                    self._warnings.append(f'an image on {self._topic} is left out: {error}')
        raise SourceLost(f'no image came on {self._topic} for {self._wait:.0f} s')

    def _on_image(self, message: AnyImage) -> None:
        with suppress(Empty):
            self._newest.get_nowait()
        self._newest.put(message)
