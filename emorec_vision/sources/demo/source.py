# SPDX-License-Identifier: Apache-2.0
"""A scene made at run time, for machines without a camera: a smiling person in a room.

The person is the astronaut Eileen Collins. She moves about in front of a depth camera; on the far
wall hangs a poster of a face, which a detector finds and depth gives away.
"""

from dataclasses import dataclass
import math

import cv2
from emorec_vision.geometry import Box
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.demo.portrait import load_portrait
from emorec_vision.sources.demo.room import build_room
from emorec_vision.sources.demo.room import DESK_TOP
from emorec_vision.sources.demo.room import HEIGHT
from emorec_vision.sources.demo.room import INTRINSICS
from emorec_vision.sources.demo.room import WIDTH
import numpy as np

FRAME_RATE = 30.0
LOOP = 600
"""Frames until everything repeats: 20 s."""

FACE_CENTER = (225.0, 114.0)
FACE_SIDE = 98.0
"""Where OpenCV's frontal cascade finds her face in the photograph, px."""
FACE_BOX_METRES = 0.19
"""Width of that box on a head whose face is 0.16 m wide."""
HEAD_ABOVE_CAMERA = 0.10
SHADOW_BASELINE = 0.02
"""Part of a Kinect's baseline of 0.075 m, m: how wide the shadow at her side is."""
DEPTH_NOISE = 1.5
"""Standard deviation of depth in mm at 1 m; it grows with the square of depth
(Khoshelham and Elberink 2012, doi:10.3390/s120201437)."""
NOISE_BANK = 8
NOISE_MARGIN = 64

OUTLINE = np.array([
    (201, 23), (185, 38), (163, 51), (157, 57), (153, 68), (156, 101), (169, 116), (174, 128),
    (182, 134), (182, 145), (179, 148), (157, 150), (140, 158), (124, 177), (120, 192),
    (112, 205), (91, 226), (69, 242), (57, 260), (49, 290), (49, 310), (39, 327), (40, 333),
    (49, 339), (47, 377), (42, 383), (30, 381), (25, 385), (19, 406), (24, 432), (23, 460),
    (26, 484), (39, 540), (511, 540), (511, 491), (506, 488), (498, 472), (502, 456), (496, 452),
    (493, 421), (478, 384), (454, 360), (416, 344), (393, 344), (386, 346), (381, 352),
    (367, 351), (360, 342), (361, 329), (357, 323), (357, 310), (351, 292), (328, 251),
    (303, 232), (299, 219), (289, 203), (257, 172), (257, 164), (267, 138), (275, 134),
    (290, 117), (296, 107), (300, 92), (296, 58), (288, 43), (276, 31), (248, 18), (227, 16)])
"""Her outline in the photograph, px."""


@dataclass(frozen=True)
class Pose:
    """Where her face is: centre in px, distance in m, tilt in degrees."""

    u: float
    v: float
    distance: float
    tilt: float

    @property
    def face_side(self) -> float:
        """Return the side of a detector's box around her face, px."""
        return INTRINSICS.fx * FACE_BOX_METRES / self.distance


def pose_at(index: int) -> Pose:
    """Return the pose in frame `index`; a smooth loop of `LOOP` frames."""
    phase = 2.0 * math.pi * (index % LOOP) / LOOP
    distance = 1.275 - 0.525 * math.sin(phase)
    v = INTRINSICS.cy - INTRINSICS.fy * HEAD_ABOVE_CAMERA / distance + 2.0 * math.sin(7 * phase)
    u = 245.0 + 75.0 * math.sin(2 * phase + 0.6)
    return Pose(u, v, distance, 2.5 * math.sin(3 * phase))


class DemoScene:
    """Compose the scene; frame `index` depends on nothing else."""

    def __init__(self) -> None:
        """Cut out the person, build the room and draw the noise."""
        photo = load_portrait()
        alpha = _soft_mask()
        share = alpha[..., None].astype(np.float32) / 255.0
        self._person = np.dstack([np.rint(photo * share).astype(np.uint8), alpha])
        self._relief = _relief()
        room, depth = build_room(_poster_print(photo))
        self._room = room
        rng = np.random.default_rng(11)
        self._room_depths = [_noisy_depth(depth, rng) for _ in range(NOISE_BANK)]
        shape = (HEIGHT + NOISE_MARGIN, WIDTH + NOISE_MARGIN)
        grain = np.rint(2.0 * rng.standard_normal((*shape, 3), np.float32))
        self._brighter = np.clip(grain, 0, 255).astype(np.uint8)
        self._darker = np.clip(-grain, 0, 255).astype(np.uint8)
        self._depth_noise = DEPTH_NOISE * rng.standard_normal(shape, np.float32)
        self._speckle = np.where(rng.random(shape, np.float32) < 0.6, 255, 0).astype(np.uint8)

    def frame(self, index: int) -> Frame:
        """Return frame `index`: 640x480 colour and depth, in 30 Hz steps, without a stamp."""
        pose = pose_at(index)
        rgb = self._room.copy()
        depth = self._room_depths[index % NOISE_BANK].copy()
        turn = _placement(pose)
        part = _covered(turn)
        turn[:, 2] -= part.x, part.y
        inside = np.s_[part.y:part.bottom, part.x:part.right]
        person = cv2.warpAffine(self._person, turn, (part.width, part.height))
        rgb[inside] = _blend(rgb[inside], person)
        self._add_person_depth(depth[inside], person[..., 3], turn, pose, index)
        grain = _window(index * 37, index * 23, HEIGHT, WIDTH)
        cv2.add(rgb, self._brighter[grain], rgb)
        cv2.subtract(rgb, self._darker[grain], rgb)
        return Frame(rgb, None, depth, INTRINSICS)

    def _add_person_depth(self, depth: np.ndarray, alpha: np.ndarray, turn: np.ndarray,
                          pose: Pose, index: int) -> None:
        """Put her into uint16 depth in mm, and holes where a sensor has them."""
        height, width = depth.shape
        noise = self._depth_noise[_window(index * 29, index * 41, height, width)]
        relief = cv2.warpAffine(self._relief, turn, (width, height),
                                borderMode=cv2.BORDER_REPLICATE)
        surface = cv2.addWeighted(relief, 1.0, noise, pose.distance ** 2, 1000.0 * pose.distance)
        _, mask = cv2.threshold(alpha, 127, 255, cv2.THRESH_BINARY)
        cv2.copyTo(surface.astype(np.uint16), mask, depth)
        holes = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        holes &= self._speckle[:height, :width]
        shift = max(1, round(SHADOW_BASELINE * INTRINSICS.fx * (1.0 / pose.distance - 0.2)))
        holes[:, :-shift] |= cv2.bitwise_not(mask[:, :-shift]) & mask[:, shift:]
        cv2.copyTo(np.zeros_like(depth), holes, depth)


class DemoSource(Source):
    """Deliver the demo scene for ever; the reader keeps to `frame_rate`, `read` never waits."""

    kind = 'demo'
    has_depth = True
    live = True
    frame_rate = FRAME_RATE

    def __init__(self) -> None:
        """Compose the parts of the scene that never change."""
        super().__init__()
        self._scene = DemoScene()
        self._index = 0

    def read(self) -> Frame:
        """Return the next frame, without a stamp."""
        frame = self._scene.frame(self._index)
        self._index += 1
        return frame


def _soft_mask() -> np.ndarray:
    """Return how much of each pixel of the photograph is her, uint8, 255 all of it."""
    mask = np.zeros((512, 512), np.uint8)
    cv2.fillPoly(mask, [OUTLINE], 255, cv2.LINE_AA)
    inside = cv2.erode(mask, np.ones((3, 3), np.uint8))
    return cv2.GaussianBlur(inside, (0, 0), 1.3, borderType=cv2.BORDER_REPLICATE)


def _relief() -> np.ndarray:
    """Return how far behind the tip of her nose each pixel is, float32 (512, 512) in mm."""
    x, y = np.meshgrid(np.arange(512.0), np.arange(512.0))
    millimetres = 1000.0 * FACE_BOX_METRES / FACE_SIDE

    def bulge(center: tuple[float, float], radii: tuple[float, float], depth: float) -> np.ndarray:
        """Return an ellipsoid's front, as deep as `depth` mm at its outline and beyond."""
        r2 = ((x - center[0]) / radii[0]) ** 2 + ((y - center[1]) / radii[1]) ** 2
        return depth * (1.0 - np.sqrt(np.clip(1.0 - r2, 0.0, 1.0)))

    face = bulge((226.0, 118.0), (42.0, 90.0), 90.0)
    hair = 60.0 + bulge((226.0, 100.0), (85.0, 110.0), 60.0)
    head = np.minimum(face, hair)
    torso = 25.0 + bulge((205.0, 420.0), (190.0, 260.0), 110.0)
    radius = 115.0
    helmet = bulge((392.0, 460.0), (radius, radius), radius * millimetres) - 60.0
    inside = (x - 392.0) ** 2 + (y - 460.0) ** 2 < radius ** 2
    relief = np.where(y < 170, head, np.minimum(torso, 120.0))
    relief = np.where(inside, np.minimum(helmet, relief), relief)
    return cv2.GaussianBlur(relief.astype(np.float32), (0, 0), 4.0)


def _poster_print(photo: np.ndarray) -> np.ndarray:
    """Return what is printed on the poster: the face again, mirrored and in faded blue."""
    print_ = photo[4:344, 96:356][:, ::-1].astype(np.float32)
    gray = print_.mean(axis=2, keepdims=True)
    faded = 0.35 * print_ + 0.65 * gray * np.array((0.92, 0.98, 1.06))
    return np.clip(faded, 0, 255).astype(np.uint8)


def _noisy_depth(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a depth in m as a sensor gives it: uint16 mm, noisy, 0 where there is none."""
    noise = DEPTH_NOISE * rng.standard_normal(depth.shape, np.float32) * depth ** 2
    return np.where(depth > 0, np.rint(1000.0 * depth + noise), 0).astype(np.uint16)


def _placement(pose: Pose) -> np.ndarray:
    """Return the affine map from the photograph to the image, float64 (2, 3)."""
    turn = cv2.getRotationMatrix2D(FACE_CENTER, pose.tilt, pose.face_side / FACE_SIDE)
    turn[:, 2] += (pose.u - FACE_CENTER[0], pose.v - FACE_CENTER[1])
    return turn


def _covered(turn: np.ndarray) -> Box:
    """Return the part of the image above the desk that she and her shadow may cover."""
    corners = np.array([[x, y, 1.0] for x in (0, 512) for y in (0, 512)]) @ turn.T
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    return Box(left, top, right - left, bottom - top).clip(WIDTH, DESK_TOP)


def _window(row: int, column: int, height: int, width: int) -> tuple[slice, slice]:
    """Return a part of a noise image that starts somewhere in its first NOISE_MARGIN px."""
    row, column = row % NOISE_MARGIN, column % NOISE_MARGIN
    return slice(row, row + height), slice(column, column + width)


def _blend(background: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Lay an image with premultiplied alpha, uint8 (H, W, 4), over a background."""
    rest = cv2.cvtColor(cv2.bitwise_not(person[..., 3]), cv2.COLOR_GRAY2RGB)
    dimmed = cv2.multiply(background, rest, scale=1.0 / 255.0)
    return cv2.add(dimmed, np.ascontiguousarray(person[..., :3]))
