# SPDX-License-Identifier: Apache-2.0
"""The room of the demo scene: what a depth camera on a desk sees when nobody is there."""

import cv2
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
import numpy as np

WIDTH, HEIGHT = 640, 480
INTRINSICS = Intrinsics(525.0, 525.0, 319.5, 239.5)
"""The nominal intrinsics of a Kinect v1 class camera at 640x480."""

BACK, FLOOR, CEILING, LEFT, RIGHT = 5.0, 1.25, -1.45, -2.75, 2.75
"""Where the planes of the room are in the optical frame, m (x right, y down, z ahead)."""
POSTER_DISTANCE = 4.95
SIDEBOARD_DISTANCE = 4.6
DESK_HEIGHT = 0.194
DESK_TOP = 425
"""First row of the desk that the camera stands on; it hides whatever is behind it."""
NEAREST = 0.5
"""Nearer than this, m, a Kinect v1 gives no reading."""
POSTER = Box(430, 104, 140, 172)
WINDOW = (-2.05, -0.85, -0.95, 0.4)
SIDEBOARD = (0.75, 2.7, 0.62, 1.25)
"""Left, right, upper and lower end on the back wall, m."""


def build_room(poster_image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the empty room: uint8 (480, 640, 3) RGB and its depth, float32 (480, 640) in m.

    Depth 0 means no reading. `poster_image`, RGB, hangs in a frame on the back wall.
    """
    x, y = np.meshgrid((np.arange(WIDTH) - INTRINSICS.cx) / INTRINSICS.fx,
                       (np.arange(HEIGHT) - INTRINSICS.cy) / INTRINSICS.fy)
    rng = np.random.default_rng(7)
    depth, plane = _nearest_plane(x, y)
    rgb = _paint_planes(x * depth, y * depth, depth, plane, rng)
    _paint_window(rgb, depth)
    _paint_sideboard(rgb, depth, rng)
    rgb = cv2.GaussianBlur(rgb, (0, 0), 0.9)
    _hang_poster(rgb, depth, poster_image)
    _put_desk(rgb, depth, y, rng)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8), depth.astype(np.float32)


def _nearest_plane(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the depth along each ray in m, and the plane (0 back .. 4 right) it meets."""
    with np.errstate(divide='ignore'):
        planes = np.stack([np.full_like(x, BACK),
                           np.where(y > 0, FLOOR / y, np.inf),
                           np.where(y < 0, CEILING / y, np.inf),
                           np.where(x < 0, LEFT / x, np.inf),
                           np.where(x > 0, RIGHT / x, np.inf)])
    return planes.min(axis=0), planes.argmin(axis=0)


def _paint_planes(x: np.ndarray, y: np.ndarray, z: np.ndarray, plane: np.ndarray,
                  rng: np.random.Generator) -> np.ndarray:
    """Return walls, ceiling and a floor of boards as float32 RGB, lit from the window."""
    colours = np.array([(206, 199, 186), (0, 0, 0), (228, 226, 220), (176, 170, 158),
                        (196, 188, 175)], np.float32)
    rgb = colours[plane]
    boards = np.floor(x / 0.16).astype(int)
    tones = rng.uniform(0.86, 1.08, 256)[boards % 256]
    joints = np.where(np.abs(x / 0.16 - np.round(x / 0.16)) * 0.16 < 0.004, 0.75, 1.0)
    wood = np.array((150, 112, 78)) * (tones * joints * np.clip(1.15 - 0.06 * z, 0, 1))[..., None]
    rgb = np.where((plane == 1)[..., None], wood, rgb)
    skirting = (plane != 1) & (y > FLOOR - 0.1)
    rgb[skirting] = (232, 230, 224)
    corner = np.minimum(np.minimum(RIGHT - x, x - LEFT), np.minimum(y - CEILING, FLOOR - y))
    depth_corner = np.where(plane == 0, corner, np.minimum(BACK - z, 1.0))
    light = 1.04 - 0.16 * np.exp(-depth_corner / 0.25) - 0.035 * (x - LEFT)
    return np.asarray(rgb * light[..., None], np.float32)


def _on_back_wall(rectangle: tuple[float, float, float, float], z: float = BACK) -> Box:
    """Return the pixels of a rectangle (left, right, top, bottom in m) at depth z."""
    left, right = (round(INTRINSICS.cx + INTRINSICS.fx * v / z) for v in rectangle[:2])
    top, bottom = (round(INTRINSICS.cy + INTRINSICS.fy * v / z) for v in rectangle[2:])
    return Box(left, top, right - left, bottom - top)


def _fill(rgb: np.ndarray, box: Box, colour: tuple[int, int, int]) -> None:
    """Fill a box with one colour."""
    rgb[max(box.y, 0):box.bottom, max(box.x, 0):box.right] = colour


def _paint_window(rgb: np.ndarray, depth: np.ndarray) -> None:
    """Put in a window with sky and trees; glass gives no depth."""
    pane = _on_back_wall(WINDOW)
    _fill(rgb, pane.expand(0.06), (240, 238, 232))
    down = np.linspace(0, 1, pane.height, dtype=np.float32)[:, None, None]
    view = (1 - down) * np.array((176, 208, 238)) + down * np.array((236, 240, 240))
    view = np.repeat(view, pane.width, axis=1).astype(np.float32)
    for x, y, radius in ((8, 140, 26), (38, 128, 30), (70, 136, 24), (104, 126, 32)):
        cv2.circle(view, (x, y), radius, (118.0, 146.0, 104.0), -1)
    view = cv2.GaussianBlur(view, (0, 0), 3.0)
    rgb[pane.y:pane.bottom, pane.x:pane.right] = view
    middle = pane.x + pane.width // 2
    _fill(rgb, Box(middle - 2, pane.y, 5, pane.height), (238, 236, 230))
    _fill(rgb, Box(pane.x, pane.y + 48, pane.width, 4), (238, 236, 230))
    depth[pane.y:pane.bottom, pane.x:pane.right] = 0.0


def _paint_sideboard(rgb: np.ndarray, depth: np.ndarray, rng: np.random.Generator) -> None:
    """Put a sideboard with a row of books below the poster."""
    body = _on_back_wall(SIDEBOARD, SIDEBOARD_DISTANCE)
    _fill(rgb, body, (122, 92, 66))
    _fill(rgb, Box(body.x - 3, body.y, body.width, 6), (146, 112, 82))
    for door in range(3):
        left = body.x + 6 + door * 74
        right, bottom = left + 66, body.bottom - 8
        cv2.rectangle(rgb, (left, body.y + 14), (right, bottom), (96.0, 70.0, 48.0), 1)
        cv2.circle(rgb, (left + 58, body.y + 36), 2, (210.0, 190.0, 150.0), -1)
    depth[body.y:body.bottom, body.x:min(body.right, WIDTH)] = SIDEBOARD_DISTANCE
    x = body.x + 14
    covers = ((132, 52, 44), (52, 78, 104), (196, 168, 104), (70, 96, 72), (88, 64, 92))
    for width, height, cover in zip(rng.integers(6, 11, 12), rng.integers(18, 29, 12), covers * 3):
        _fill(rgb, Box(x, body.y - height, int(width) - 1, int(height)), cover)
        depth[body.y - height:body.y, x:x + width] = SIDEBOARD_DISTANCE + 0.1
        x += int(width)


def _hang_poster(rgb: np.ndarray, depth: np.ndarray, image: np.ndarray) -> None:
    """Hang an image in a dark frame with a white mount, casting a soft shadow."""
    frame = POSTER.expand(0.035)
    shadow = np.zeros(rgb.shape[:2], np.float32)
    shadow[frame.y + 4:frame.bottom + 5, frame.x + 4:frame.right + 5] = 0.35
    rgb *= 1.0 - cv2.GaussianBlur(shadow, (0, 0), 3.0)[..., None]
    _fill(rgb, frame, (62, 46, 36))
    _fill(rgb, frame.expand(-0.02), (238, 236, 230))
    inner = frame.expand(-0.05)
    print_ = cv2.resize(image, (inner.width, inner.height), interpolation=cv2.INTER_AREA)
    rgb[inner.y:inner.bottom, inner.x:inner.right] = print_.astype(np.float32) * 0.9 + 18.0
    depth[frame.y:frame.bottom, frame.x:frame.right] = POSTER_DISTANCE


def _put_desk(rgb: np.ndarray, depth: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> None:
    """Put the edge of the desk in front."""
    rows = slice(DESK_TOP, HEIGHT)
    noise = rng.normal(0, 60, (HEIGHT - DESK_TOP, WIDTH))
    grain = cv2.GaussianBlur(noise, (0, 0), 24.0, sigmaY=0.7)
    sheen = np.linspace(0.82, 1.0, HEIGHT - DESK_TOP)[:, None, None]
    rgb[rows] = np.array((112, 82, 60)) * sheen + grain[..., None]
    rgb[DESK_TOP] = (166, 134, 106)
    rgb[DESK_TOP + 1] = (140, 108, 82)
    distance = DESK_HEIGHT / y[rows]
    depth[rows] = np.where(distance < NEAREST, 0.0, distance)
