# SPDX-License-Identifier: Apache-2.0
"""What the name of an image topic says: whose images they are, and of what."""

import re

from emorec_vision.image_message.transport import base_topic

DEPTH = frozenset({'depth', 'range', 'tof', 'z16'})
COLOUR = frozenset({'rgb', 'color', 'colour', 'bgr'})
GRAY = frozenset({'mono', 'gray', 'grey'})
OTHER_SENSORS = frozenset(
    'ir infra infrared nir thermal temperature amplitude intensity reflectivity confidence '
    'disparity uncertainty variance noise fisheye normals'.split())
DRAWN = frozenset(
    'debug dbg annotated annotation annotations overlay visualization visualisation viz vis '
    'detection detections result results output mask masks label labels segmentation semantic '
    'instance heatmap flow costmap'.split())
"""What other programs make of images."""
STREAMS = DEPTH | COLOUR | GRAY | frozenset(
    'rgbd image images img raw rect rectified registered aligned align hw sw filtered to stereo '
    'info compressed'.split())
"""Words that tell one stream of a camera from another, and not one camera from another."""
ALIGNED = re.compile(r'registered|align(ed)?_?depth|depth_to_(rgb|colou?r)')
FIRST_EYE = 'left'
"""The depth of a stereo camera is that of its left image, by custom."""


def words(topic: str) -> list[str]:
    """Return the words in the name of a topic, in lower case, as they follow one another."""
    return [word for word in re.split(r'[/_]+', base_topic(topic).lower()) if word]


def camera_of(topic: str) -> tuple[str, ...]:
    """Return the words of a topic that name its camera."""
    return _without_streams(words(topic))


def is_same_camera(colour: str, depth: str) -> bool:
    """Tell whether depth lies below the prefix of a camera's colour topic."""
    camera = camera_of(colour)
    found = words(depth)
    before = next((place for place, word in enumerate(found) if _bare(word) in DEPTH), len(found))
    cameras = (camera_of(depth), _without_streams(found[:before]))
    return camera in cameras or tuple(word for word in camera if word != FIRST_EYE) in cameras


def is_beside(topic: str, other: str) -> bool:
    """Tell whether two topics lie in the same namespace."""
    return base_topic(topic).rpartition('/')[0] == base_topic(other).rpartition('/')[0]


def says_depth(topic: str) -> bool:
    """Tell whether a topic is named depth, and not after what is measured beside it."""
    found = [_bare(word) for word in words(topic)]
    last = next((word for word in reversed(found) if word in DEPTH | OTHER_SENSORS), '')
    return last in DEPTH and not DRAWN.intersection(found)


def is_something_else(topic: str) -> bool:
    """Tell whether a topic is named after another sensor's images, or after what is drawn."""
    return any(_bare(word) in OTHER_SENSORS | DRAWN for word in words(topic))


def says_aligned(topic: str) -> bool:
    """Tell whether the name of a depth topic says that it is aligned to colour."""
    return ALIGNED.search(base_topic(topic).lower()) is not None


def _without_streams(found: list[str]) -> tuple[str, ...]:
    return tuple(word for word in found if _bare(word) not in STREAMS)


def _bare(word: str) -> str:
    """Return a word without a number at its end: infra1."""
    return word if word in DEPTH else word.rstrip('0123456789')
