# SPDX-License-Identifier: Apache-2.0
"""Choose the colour, depth and camera_info topics of a bag."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from emorec_vision.errors import InputError
from emorec_vision.image_message.image_encodings import DEPTH_ENCODINGS
from emorec_vision.image_message.image_encodings import ENCODINGS
from emorec_vision.image_message.image_encodings import READ
from emorec_vision.image_transport import base_topic

IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
GRAY_OR_DEPTH = 'mono16'
"""This encoding is depth where the name of the topic says so."""
COLOUR_NAMES = ('rgb/image_raw', 'color/image_raw', 'rgb/image_rect_color', 'color/image_rect',
                'rgb/image_color', 'rgb/image')
ALIGNED_DEPTH_NAMES = ('depth_registered/image_raw', 'aligned_depth_to_color/image_raw',
                       'depth_registered/image', 'depth_registered/image_rect',
                       'depth_registered/hw_registered/image_rect_raw', 'depth_to_rgb/image_raw')
"""What the drivers of Kinect, RealSense, Orbbec, Azure Kinect and Structure call their topics."""


@dataclass(frozen=True)
class BagTopics:
    """The names of the topics; '' where the bag has none. aligned: the depth's name says it is."""

    colour: str
    depth: str
    info: str
    aligned: bool


def choose_topics(
    types: Mapping[str, str], encoding_of: Callable[[str], str], name: str
) -> BagTopics:
    """Return the topics to play: known names first, otherwise by the encoding of the images.

    Where both are there, raw images are played and not their compressed ones.

    Args:
        types: message type by topic.
        encoding_of: gives the encoding of the first image of a topic, '' where there is
            none.
        name: of the bag, for messages.

    Raises:
        InputError: if there is no colour topic.
    """
    images = sorted((topic for topic, kind in types.items() if kind in (IMAGE, COMPRESSED)),
                    key=lambda topic: (types[topic] == COMPRESSED, topic))
    encodings = {topic: encoding_of(topic) for topic in images}
    depths = [topic for topic in images if encodings[topic] in DEPTH_ENCODINGS
              and (encodings[topic] != GRAY_OR_DEPTH or 'depth' in topic)]
    colours = [topic for topic in images
               if topic not in depths and encodings[topic] in ENCODINGS]
    colours.sort(key=lambda topic: encodings[topic] == GRAY_OR_DEPTH)
    if not colours:
        raise InputError(_no_colour(encodings, name))
    colour = _by_name(colours, COLOUR_NAMES) or colours[0]
    aligned = _by_name(depths, ALIGNED_DEPTH_NAMES)
    infos = [f'{base_topic(part).rsplit("/", 1)[0]}/camera_info'
             for part in (colour, aligned) if part]
    info = next((topic for topic in infos if types.get(topic) == CAMERA_INFO), '')
    return BagTopics(colour, aligned or (depths[0] if depths else ''), info, bool(aligned))


def _by_name(topics: list[str], names: tuple[str, ...]) -> str:
    """Return the first topic that ends with one of the names, in their order; '' if none does."""
    return next((topic for name in names for topic in topics
                 if f'/{base_topic(topic)}'.endswith(f'/{name}')), '')


def _no_colour(encodings: Mapping[str, str], name: str) -> str:
    """Return why there is nothing to play."""
    unread = next((topic for topic, encoding in encodings.items()
                   if encoding and encoding not in ENCODINGS), '')
    if unread:
        return (f'{name}: encoding {encodings[unread]!r} of {unread} is not read; read are '
                f'{READ}, and JPEG and PNG')
    other = ', '.join(f'{topic} ({encoding or "empty"})' for topic, encoding in encodings.items())
    return f'{name} holds no colour images; its image topics are: {other or "none"}'
