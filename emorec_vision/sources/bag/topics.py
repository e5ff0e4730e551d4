# SPDX-License-Identifier: Apache-2.0
"""Choose the colour, depth and camera_info topics of a bag."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from emorec_vision.errors import InputError
from emorec_vision.image_message import DEPTH_ENCODINGS
from emorec_vision.image_message import ENCODINGS

IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
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

    Args:
        types: message type by topic.
        encoding_of: gives the encoding of the first image of a topic, '' where there is
            none.
        name: of the bag, for messages.

    Raises:
        InputError: if there is no colour topic.
    """
    images = sorted(topic for topic, kind in types.items() if kind == IMAGE)
    encodings = {topic: encoding_of(topic) for topic in images}
    depths = [topic for topic in images if encodings[topic] in DEPTH_ENCODINGS]
    colours = [topic for topic in images
               if topic not in depths and encodings[topic] in ENCODINGS]
    if not colours:
        raise InputError(_no_colour(types, encodings, name))
    colour = _by_name(colours, COLOUR_NAMES) or colours[0]
    aligned = _by_name(depths, ALIGNED_DEPTH_NAMES)
    infos = [f'{part.rsplit("/", 1)[0]}/camera_info' for part in (colour, aligned) if part]
    info = next((topic for topic in infos if types.get(topic) == CAMERA_INFO), '')
    return BagTopics(colour, aligned or (depths[0] if depths else ''), info, bool(aligned))


def _by_name(topics: list[str], names: tuple[str, ...]) -> str:
    """Return the first topic that ends with one of the names, in their order; '' if none does."""
    return next((topic for name in names for topic in topics
                 if f'/{topic}'.endswith(f'/{name}')), '')


def _no_colour(types: Mapping[str, str], encodings: Mapping[str, str], name: str) -> str:
    """Return why there is nothing to play."""
    compressed = sorted(topic for topic, kind in types.items() if kind == COMPRESSED)
    if compressed:
        return (f'{name} holds no raw images, only compressed ones ({compressed[0]}); '
                'decompress them with `ros2 run image_transport republish compressed raw`')
    other = ', '.join(f'{topic} ({encoding or "empty"})' for topic, encoding in encodings.items())
    return (f'{name} holds no colour images ({IMAGE}); its image topics are: '
            f'{other or "none"}')
