# SPDX-License-Identifier: Apache-2.0
"""The parameters of the face_detector, and what they describe."""

from collections.abc import Callable
from dataclasses import dataclass

from emorec_ros.camera.image_subscription import DEPTH_TRANSPORT
from emorec_ros.camera.image_subscription import RELIABILITIES
from emorec_ros.camera.image_subscription import TRANSPORT
from emorec_ros.runtime.input_switch import ENABLED
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.parameters import parameter
from emorec_vision.depth.gate import DepthGate
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.factory import DETECTORS
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import DEPTH_MODES
from emorec_vision.faces.selection import region_of
from emorec_vision.faces.selection import SELECTIONS
from emorec_vision.faces.selection import SelectionSettings
from emorec_vision.image_message.transport import AS_IMAGES
from emorec_vision.image_message.transport import DEPTH_TRANSPORTS
from emorec_vision.image_message.transport import TRANSPORTS


@dataclass(frozen=True)
class Settings:
    """Parameters of the face_detector."""

    detector: str = parameter(
        'auto', 'what finds faces; auto = yunet where its weights are installed, else haar',
        choices=DETECTORS)
    detector_model: str = parameter(
        '', 'ONNX file of YuNet; empty = the installed weights')
    scale_factor: float = parameter(
        1.15, 'step between two face sizes that haar searches', 1.01, 2.0, dynamic=True)
    min_neighbors: int = parameter(
        5, 'overlapping hits that make a face of haar', 0, 50, dynamic=True)
    min_size: int = parameter(
        17, 'smallest box that counts as a face, px; 17 finds faces of 20', 17, 1000, dynamic=True)
    cascade: str = parameter('', 'Haar cascade file; empty = the frontal one of OpenCV')
    still_pictures: bool = parameter(
        False, 'images have nothing to do with each other: search each one whole and keep no '
        'tracks')
    select: str = parameter(
        'all', 'whom to watch, of all faces or of max_people: nearest, largest or centre, until '
        'another is clearly nearer, larger or more in the middle; the others are not published',
        choices=SELECTIONS, dynamic=True)
    max_people: int = parameter(
        0, 'how many people are watched at most; 0 = all, and one where select is not all',
        0, 1000, dynamic=True)
    region: str = parameter(
        '', 'part of the image in which the middle of a face must lie to be watched: x, y, width '
        "and height as shares of it, such as '0.25, 0, 0.5, 1'; empty = all", dynamic=True)
    min_hits: int = parameter(
        3, 'detections before a track is published', 1, 100, dynamic=True)
    track_timeout: float = parameter(
        0.5, 'seconds without detection after which a track ends; three intervals of the images '
        'where they come more slowly', 0.0, 60.0, dynamic=True)
    depth_mode: str = parameter(
        'gate', 'what depth does: gate = drop faces that it calls false, segment = search only '
        'between near and far, off = nothing', choices=DEPTH_MODES)
    near: float = parameter(
        0.3, 'nearest face that depth allows, m', 0.0, 100.0, dynamic=True)
    far: float = parameter(
        4.0, 'farthest face that depth allows, m', 0.0, 100.0, dynamic=True)
    require_depth: bool = parameter(
        False, 'drop faces that depth cannot tell anything about', dynamic=True)
    depth_slop: float = parameter(
        0.02, 'largest difference between the stamps of a colour and a depth image of one '
        'moment, s', 0.0, 1.0)
    depth_wait: float = parameter(
        0.04, 'wait for the depth of a colour image while depth is coming in, s; longer, up to '
        '0.5 s, where depth always comes later; 0 = never', 0.0, 1.0)
    max_wait: float = parameter(
        0.04, 'an image that waited longer than this for its search gives way to a newer one, s; '
        '0 = never (a file source, which must lose none)', 0.0, 10.0)
    image_transport: str = parameter('raw', TRANSPORT, choices=TRANSPORTS)
    depth_transport: str = parameter(AS_IMAGES, DEPTH_TRANSPORT, choices=DEPTH_TRANSPORTS)
    image_reliability: str = parameter(
        'auto', 'how to subscribe to images', choices=RELIABILITIES)
    enabled: bool = parameter(True, ENABLED, dynamic=True)
    lazy: bool = parameter(False, LAZY, dynamic=True)


def detector_of(settings: Settings,
                tell: Callable[[str], None] = lambda line: None) -> FaceDetector:
    """Return the detector that the settings describe; `tell` is told which.

    Raises:
        InputError: if one of its files cannot be read.
    """
    return open_detector(settings.detector, settings.detector_model, settings.min_size,
                         settings.scale_factor, settings.min_neighbors, settings.cascade, tell)


def gate_of(settings: Settings) -> DepthGate:
    """Return the depth gate that the settings describe.

    Raises:
        InputError: if near is not less than far.
    """
    if settings.near >= settings.far:
        raise InputError(f'parameter near: {settings.near:g} m is not less than far '
                         f'({settings.far:g} m)')
    return DepthGate(near=settings.near, far=settings.far, require_depth=settings.require_depth)


def selection_of(settings: Settings) -> SelectionSettings:
    """Return whom the settings say to watch.

    Raises:
        InputError: if the region is none.
    """
    try:
        region = region_of(settings.region)
    except InputError as error:
        raise InputError(f'parameter region: {error}') from error
    return SelectionSettings(settings.select, settings.max_people, region)
