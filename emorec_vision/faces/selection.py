# SPDX-License-Identifier: Apache-2.0
"""Choose whom to watch among the tracked faces, without wavering between two."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
import math

from emorec_vision.errors import InputError
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.geometry import Box
from emorec_vision.stamps import seconds_to_ns

SELECTIONS = ('all', 'nearest', 'largest', 'centre')
TAKE_OVER = 0.8
"""A face takes the place of a watched one if it is worth at most this share of the other's..."""
TAKE_OVER_AFTER = 0.5
"""...for so long, s."""
MARGIN = 0.03
"""By how much of the image's sides a watched face may leave the region before it is let go."""
WHOLE = (0.0, 0.0, 1.0, 1.0)

Cost = Callable[[TrackedFace], float]


@dataclass(frozen=True)
class SelectionSettings:
    """Whom to watch."""

    select: str = 'all'
    """one of SELECTIONS"""
    max_people: int = 0
    """at most so many; 0: no limit with 'all', and one with the others"""
    region: tuple[float, float, float, float] = WHOLE
    """left, top, width and height of the part of the image that is watched, as shares of it"""

    @property
    def places(self) -> int:
        """Return how many people are watched, 0 for any number."""
        return self.max_people or (0 if self.select == 'all' else 1)


def region_of(text: str) -> tuple[float, float, float, float]:
    """Return the region that a text such as '0.25, 0, 0.5, 1' gives, the whole image for ''.

    Raises:
        InputError: if it is none; the message begins with the text.
    """
    if not text.strip():
        return WHOLE
    try:
        x, y, width, height = (float(part) for part in text.split(','))
    except ValueError:
        raise InputError(f'{text!r} is no region; give x, y, width and height as shares of the '
                         "image, such as '0.25, 0, 0.5, 1'") from None
    if not (0 <= x < 1 and 0 <= y < 1 and 0 < width <= 1 and 0 < height <= 1):
        raise InputError(f'{text!r} is outside the image: x and y go from 0 to 1, width and '
                         'height too, and are not 0')
    return x, y, width, height


class Selection:
    """The faces that are watched, image by image.

    A face belongs to the region when its middle lies in it. Among these, watched faces keep
    their places until their tracks end, they leave the region, or another one is clearly better
    for a while. 'all' with a limit watches those who came first.

    Args:
        settings: whom to watch; may be changed between two images.
    """

    def __init__(self, settings: SelectionSettings = SelectionSettings()) -> None:
        self.settings = settings
        self._watched: list[str] = []
        self._better_since: dict[str, int] = {}

    def update(self, faces: Sequence[TrackedFace], stamp: int,
               shape: tuple[int, ...]) -> list[TrackedFace]:
        """Return those of the faces that are watched, in their order.

        Args:
            faces: of one image, the oldest track first.
            stamp: of the image, ns.
            shape: height and width of the image, px.
        """
        inside = {face.track_id: face for face in faces if self._is_inside(face, shape)}
        places = self.settings.places
        watched = [track_id for track_id in self._watched if track_id in inside]
        if places:
            cost = self._cost(list(inside.values()), shape)
            watched = self._challenged(watched, inside, cost, stamp)
            free = [track_id for track_id in sorted(inside, key=lambda each: cost(inside[each]))
                    if track_id not in watched]
            watched = (watched + free)[:places]
        else:
            watched = list(inside)
        self._watched = watched
        return [face for face in faces if face.track_id in watched]

    def _is_inside(self, face: TrackedFace, shape: tuple[int, ...]) -> bool:
        x, y, width, height = self.settings.region
        margin = MARGIN if face.track_id in self._watched else 0.0
        across, down = face.box.center[0] / shape[1], face.box.center[1] / shape[0]
        return (x - margin <= across <= x + width + margin
                and y - margin <= down <= y + height + margin)

    def _cost(self, faces: Sequence[TrackedFace], shape: tuple[int, ...]) -> Cost:
        """Return what is least for the face that is to be watched first."""
        def narrowness(face: TrackedFace) -> float:
            return 1.0 / max(face.box.width, 1)

        def distance(face: TrackedFace) -> float:
            return face.distance

        def offset(face: TrackedFace) -> float:
            return MARGIN + away_from_middle(face.box, self.settings.region, shape)

        if self.settings.select == 'centre':
            return offset
        if self.settings.select == 'nearest' and all(
                math.isfinite(face.distance) for face in faces):
            return distance
        return narrowness if self.settings.select in ('nearest', 'largest') else lambda face: 0.0

    def _challenged(self, watched: list[str], inside: dict[str, TrackedFace], cost: Cost,
                    stamp: int) -> list[str]:
        """Return whom is watched once those who were clearly better for a while took over."""
        worst = max(watched, key=lambda each: cost(inside[each]), default=None)
        better = {} if worst is None else {
            track_id: min(self._better_since.get(track_id, stamp), stamp)
            for track_id in inside if track_id not in watched
            and cost(inside[track_id]) < TAKE_OVER * cost(inside[worst])}
        ready = [track_id for track_id, since in better.items()
                 if stamp - since >= seconds_to_ns(TAKE_OVER_AFTER)]
        self._better_since = better
        if worst is None or not ready:
            return watched
        winner = min(ready, key=lambda each: cost(inside[each]))
        return [winner if track_id == worst else track_id for track_id in watched]


def away_from_middle(
    box: Box, region: tuple[float, float, float, float], shape: tuple[int, ...]
) -> float:
    """Return how far a box is from the middle of the region, in diagonals of the image."""
    x, y, width, height = region
    middle = ((x + width / 2) * shape[1], (y + height / 2) * shape[0])
    return math.dist(box.center, middle) / math.hypot(shape[0], shape[1])
