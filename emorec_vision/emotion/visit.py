# SPDX-License-Identifier: Apache-2.0
"""The presence of one person: what is seen of it, and what can happen in it."""

from dataclasses import dataclass
from enum import IntEnum
from math import inf
from math import isfinite
from math import nan

from emorec_vision.camera.face_position import BOX_WIDTH
from emorec_vision.stamps import seconds_to_ns

BREAK_OFF = 1.2
"""Times engage_distance: who has engaged may step back as far."""
APPARENT = 0.82 * BOX_WIDTH
"""Distance, m, of a face box as wide as the image; the distance is inverse to the width.

The focal length of a usual webcam, and of a Kinect, is 0.82 times the width of its image.
"""


class Event(IntEnum):
    """What happens to a person; the numbers are those of PersonEvent.msg."""

    ARRIVED = 0
    LEFT = 1
    RECOGNISED = 2
    EMOTION = 3
    ENGAGED = 4
    DISENGAGED = 5


@dataclass(frozen=True)
class PresenceSettings:
    """When somebody has arrived, left, engaged or disengaged."""

    arrive_after: float = 1.0
    """seconds in view after which a person has arrived"""
    leave_after: float = 3.0
    """seconds out of view after which a person has left"""
    engage_distance: float = 1.5
    """metres within which a face counts as near"""
    engage_after: float = 1.0
    """seconds near and detected after which a person is engaged"""
    disengage_after: float = 2.0
    """seconds without that after which it is over"""


@dataclass(frozen=True)
class Seen:
    """What one image shows of one track.

    Attributes:
        name: of the person, '' while unknown.
        detected: whether the face was found in this very image. The detectors find faces that
            look towards the camera, so this stands for the pose of the head.
        distance: m, NaN if unknown.
        width: of the face, as a share of the width of the image (0..1).
        emotion: that is confirmed, its name; None while none is.
        estimated: whether the distance was worked out from the width of the face.
    """

    name: str
    detected: bool
    distance: float
    width: float
    emotion: str | None
    estimated: bool = False

    @property
    def apparent_distance(self) -> float:
        """Return the distance, m, judged by the width of the face where it is unknown."""
        if isfinite(self.distance):
            return self.distance
        return APPARENT / self.width if self.width > 0 else inf


@dataclass
class Visit:
    """The presence of one person, through losses of the track; all times are stamps in ns.

    Attributes:
        track_id: of the track that shows the person, or did last.
        since: when the person came into view.
        last_seen: when the person was in view last.
        name: '' while unknown.
        has_track: False once that track shows somebody else.
        in_view: in the newest image.
        distance: in the newest image that shows the person, m, NaN if unknown.
        estimated: whether that was worked out from the width of the face.
        arrived: whether that was said.
        recognised_as: the name that was said last.
        emotion: that was confirmed last, its name; None while none was.
        emotion_since: when that one was confirmed.
        said_emotion: the one that was said last.
        engaged: whether that was said last.
        near_since: when the present time of being near and detected began, None outside of one.
        near_at: when the person was near and detected last.
    """

    track_id: str
    since: int
    last_seen: int
    name: str = ''
    has_track: bool = True
    in_view: bool = True
    distance: float = nan
    estimated: bool = False
    arrived: bool = False
    recognised_as: str = ''
    emotion: str | None = None
    emotion_since: int = 0
    said_emotion: str | None = None
    engaged: bool = False
    near_since: int | None = None
    near_at: int = 0

    def follow_nearness(
        self, seen: Seen | None, stamp: int, settings: PresenceSettings
    ) -> Event | None:
        """Take note of one image, and tell whether the person has engaged or disengaged.

        Args:
            seen: what the image shows of the person, None if nothing.
            stamp: of the image, ns.
            settings: the times and the distance.
        """
        limit = settings.engage_distance * (BREAK_OFF if self.engaged else 1.0)
        near = seen is not None and seen.detected and seen.apparent_distance <= limit
        if near:
            self.near_at = stamp
            self.near_since = stamp if self.near_since is None else self.near_since
        elif stamp - self.near_at > seconds_to_ns(settings.engage_after / 2):
            self.near_since = None
        if self.engaged and stamp - self.near_at >= seconds_to_ns(settings.disengage_after):
            self.engaged = False
            return Event.DISENGAGED
        if near and self.arrived and not self.engaged and self.near_since is not None and (
                stamp - self.near_since >= seconds_to_ns(settings.engage_after)):
            self.engaged = True
            return Event.ENGAGED
        return None
