# SPDX-License-Identifier: Apache-2.0
"""Choose the colour, depth and camera_info topics of a bag."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from emorec_vision.errors import InputError
from emorec_vision.image_message.image_encodings import DEPTH_ENCODINGS
from emorec_vision.image_message.image_encodings import ENCODINGS
from emorec_vision.image_message.image_encodings import READ
from emorec_vision.image_message.transport import base_topic
from emorec_vision.sources.bag.names import BagNames
from emorec_vision.sources.bag.names import NOTHING
from emorec_vision.sources.bag.topic_names import camera_of
from emorec_vision.sources.bag.topic_names import DEPTH
from emorec_vision.sources.bag.topic_names import is_beside
from emorec_vision.sources.bag.topic_names import is_same_camera
from emorec_vision.sources.bag.topic_names import is_something_else
from emorec_vision.sources.bag.topic_names import says_aligned
from emorec_vision.sources.bag.topic_names import says_depth
from emorec_vision.sources.bag.topic_names import words

IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
INFO_NAME = '/camera_info'
GRAY_ENCODINGS = ('mono8', 'mono16', '8UC1')
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
    """The topics of a bag that are played.

    Attributes:
        colour: name of the topic of colour images.
        depth: likewise of depth, '' where the bag has none that belongs to colour.
        info: likewise of camera_info, ''.
        aligned: the depth's name says that it is aligned to colour, or somebody chose it.
        others: what would fit too, by option: topics of colour images and of depth.
    """

    colour: str
    depth: str
    info: str
    aligned: bool
    others: Mapping[str, tuple[str, ...]]

    @property
    def line(self) -> str:
        """Return what is played and what else would fit, in words."""
        played = [f'playing {self.colour}', f'depth {self.depth or NOTHING}',
                  f'camera_info {self.info or NOTHING}']
        others = [f'--{option} {" or ".join(topics)}'
                  for option, topics in self.others.items() if topics]
        return ', '.join(played) + (f'; would fit too: {", ".join(others)}' if others else '')


def choose_topics(
    types: Mapping[str, str], encoding_of: Callable[[str], str], name: str,
    chosen: BagNames = BagNames()
) -> BagTopics:
    """Return the topics to play.

    Colour is what is named so, and best with depth of its own; images of other sensors and what
    others drew come last, gray ones behind coloured ones. Depth is that of the same camera,
    aligned depth first; never infrared, confidence, disparity or what others drew, and mono16
    only where it is named depth. Raw images come before the same compressed.

    Args:
        types: message type by topic.
        encoding_of: gives the encoding of the first image of a topic, '' where there is
            none.
        name: of the bag, for messages.
        chosen: the topics that somebody named, which win.

    Raises:
        InputError: if there is no colour topic, or none of a chosen name.
    """
    images = sorted(topic for topic, kind in types.items() if kind in (IMAGE, COMPRESSED))
    named = {place: _named(chosen.topic(place), images, types, name)
             for place in ('colour', 'depth')}
    encodings = {topic: encoding_of(topic) for topic in images}
    depths = [topic for topic in images if _may_be_depth(topic, encodings[topic])]
    colours = [topic for topic in images if topic not in depths and _is_colour(encodings[topic])]
    own = {colour: [depth for depth in depths if _belongs(colour, depth, colours)]
           for colour in colours}
    order = sorted(colours, key=lambda topic: _colour_rank(
        topic, encodings[topic], bool(own[topic]), types[topic] == COMPRESSED))
    colour = named['colour'] or next(iter(order), '')
    if not colour or not _is_colour(encodings[colour]):
        raise InputError(_no_colour(encodings, name, colour))
    fitting = sorted([depth for depth in depths if _belongs(colour, depth, colours)],
                     key=lambda topic: _depth_rank(topic, types[topic] == COMPRESSED))
    depth = named['depth'] or next(iter(fitting), '')
    depth = '' if chosen.depth == NOTHING else depth
    info = _info(types, colour, depth, chosen, name)
    aligned = bool(named['depth']) or says_aligned(depth)
    return BagTopics(colour, depth, info, aligned, {
        'colour': _others(colour, [topic for topic in order if not is_something_else(topic)]),
        'depth': _others(depth, fitting + [each for each in depths if each not in fitting])})


def _named(topic: str, there: list[str], types: Mapping[str, str], name: str) -> str:
    """Return the topic of a chosen name, or that of its compressed images; '' for none.

    Raises:
        InputError: if it is not there.
    """
    if not topic:
        return ''
    found = sorted((each for each in there if topic in (each, base_topic(each))),
                   key=lambda each: (each != topic, types[each] == COMPRESSED, each))
    if not found:
        raise InputError(f'{name} has no topic {topic} of this kind; it has '
                         f'{", ".join(there) or "none"}')
    return found[0]


def _is_colour(encoding: str) -> bool:
    return encoding in ENCODINGS and ENCODINGS[encoding].rgb is not None


def _may_be_depth(topic: str, encoding: str) -> bool:
    """Tell whether a topic's images are depth, by encoding and by name."""
    if encoding not in DEPTH_ENCODINGS:
        return False
    return says_depth(topic) or not (encoding == GRAY_OR_DEPTH or is_something_else(topic))


def _belongs(colour: str, depth: str, colours: list[str]) -> bool:
    """Tell whether depth is that of the camera of a colour topic."""
    if is_same_camera(colour, depth):
        return True
    return is_beside(colour, depth) and not camera_of(depth) and {
        camera_of(topic) for topic in colours if not is_something_else(topic)} <= {
            camera_of(colour)}


def _colour_rank(
    topic: str, encoding: str, has_depth: bool, compressed: bool
) -> tuple[int | str, ...]:
    return (2 if is_something_else(topic) else int(not DEPTH.isdisjoint(words(topic))),
            encoding in GRAY_ENCODINGS, not has_depth, _place(topic, COLOUR_NAMES), compressed,
            topic)


def _depth_rank(topic: str, compressed: bool) -> tuple[int | str, ...]:
    return (_place(topic, ALIGNED_DEPTH_NAMES), not says_aligned(topic), not says_depth(topic),
            compressed, topic)


def _place(topic: str, names: tuple[str, ...]) -> int:
    """Return which of the names a topic ends with, or how many there are."""
    return next((place for place, name in enumerate(names)
                 if f'/{base_topic(topic)}'.endswith(f'/{name}')), len(names))


def _others(played: str, topics: list[str]) -> tuple[str, ...]:
    """Return what is not played, and not the same images in another transport."""
    seen, others = {base_topic(played)}, []
    for topic in topics:
        if base_topic(topic) not in seen:
            seen.add(base_topic(topic))
            others.append(topic)
    return tuple(others)


def _info(types: Mapping[str, str], colour: str, depth: str, chosen: BagNames, name: str) -> str:
    """Return the camera_info of colour: beside it, beside aligned depth, or else its camera's."""
    infos = sorted(topic for topic, kind in types.items() if kind == CAMERA_INFO)
    if chosen.info:
        return '' if chosen.info == NOTHING else _named(
            chosen.topic('info'), infos, types, name)
    places = [colour, *([depth] if depth and says_aligned(depth) else [])]
    beside = [info for place in places for info in infos
              if is_beside(place, info) and info.endswith(INFO_NAME)]
    own = [info for info in infos
           if camera_of(info.removesuffix(INFO_NAME)) == camera_of(colour)
           and DEPTH.isdisjoint(words(info)) and not is_something_else(info)]
    return next(iter(beside + own), '')


def _no_colour(encodings: Mapping[str, str], name: str, chosen: str) -> str:
    """Return why there is nothing to play."""
    unread = next((topic for topic, encoding in encodings.items()
                   if encoding and encoding not in ENCODINGS and chosen in ('', topic)), '')
    if unread:
        return (f'{name}: encoding {encodings[unread]!r} of {unread} is not read; read are '
                f'{READ}, and JPEG and PNG')
    if chosen:
        return f'{name}: {chosen} ({encodings[chosen] or "empty"}) holds no colour images'
    other = ', '.join(f'{topic} ({encoding or "empty"})' for topic, encoding in encodings.items())
    return f'{name} holds no colour images; its image topics are: {other or "none"}'
