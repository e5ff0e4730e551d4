# SPDX-License-Identifier: Apache-2.0
"""People as markers of rviz and Foxglove."""

from dataclasses import dataclass
from itertools import count
from math import isnan

from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import seconds_to_ns
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.labels import label_of
from emorec_vision.camera.face_position import distance_text
from emorec_vision.drawing.colors import emotion_color
from geometry_msgs.msg import Point
from rclpy.duration import Duration
from std_msgs.msg import ColorRGBA
from std_msgs.msg import Header
from visualization_msgs.msg import Marker
from visualization_msgs.msg import MarkerArray

NAMESPACE = 'emorec'
HEAD_DIAMETER = 0.22
"""Of the sphere, m."""
HEAD_OPACITY = 0.6
TEXT_ABOVE_FACE = 0.2
"""From the centre of a face up to its text, m."""
TEXT_HEIGHT = 0.08
"""Of a capital letter, m."""
POSITION_HELD = 2.0
"""For which a track whose position became unknown is shown at its last one, s."""
LEAST_LIFETIME = 2.0
"""Of a marker that nobody renews, s: should the visualizer die, its markers go as well."""
LIFETIME_IN_ANSWERS = 5
"""Where answers are rare, a marker lives through this many intervals of them."""


@dataclass
class _Shown:
    number: int
    position: Point
    placed_at: int


class PeopleMarkers:
    """The markers of the people in view: a text and, below it, a sphere for the head.

    They stand in one namespace. A track keeps its number n, the smallest that was free when it
    appeared: its text has id 2 n, its head 2 n + 1. Markers are deleted one by one when their
    track ends, so that those of other publishers stay.
    """

    def __init__(self) -> None:
        self._shown: dict[str, _Shown] = {}
        self._stamp = 0
        self._lifetime = LEAST_LIFETIME

    def update(self, people: PersonEmotionArray) -> MarkerArray:
        """Return the changes that an answer brings; none where nobody is or was shown."""
        stamp = stamp_ns(people.header.stamp)
        self._follow_rate(stamp)
        for person in people.people:
            self._place(person, stamp)
        ended = self._end(stamp, {person.track_id for person in people.people})
        markers = [Marker(header=people.header, ns=NAMESPACE, id=number, action=Marker.DELETE)
                   for shown in ended for number in _ids(shown.number)]
        for person in people.people:
            if person.track_id in self._shown:
                markers += self._markers(person, people.header)
        return MarkerArray(markers=markers)

    def _follow_rate(self, stamp: int) -> None:
        interval = (stamp - self._stamp) / 1e9
        self._stamp = stamp
        if 0 < interval < 60:
            self._lifetime = max(LEAST_LIFETIME, LIFETIME_IN_ANSWERS * interval)

    def _place(self, person: PersonEmotion, stamp: int) -> None:
        if isnan(person.position.z):
            return
        shown = self._shown.get(person.track_id)
        if shown is None:
            taken = {each.number for each in self._shown.values()}
            number = next(number for number in count() if number not in taken)
            shown = self._shown[person.track_id] = _Shown(number, person.position, stamp)
        shown.position, shown.placed_at = person.position, stamp

    def _end(self, stamp: int, track_ids: set[str]) -> list[_Shown]:
        ended = [track_id for track_id, shown in self._shown.items()
                 if track_id not in track_ids
                 or abs(stamp - shown.placed_at) > seconds_to_ns(POSITION_HELD)]
        return [self._shown.pop(track_id) for track_id in ended]

    def _markers(self, person: PersonEmotion, header: Header) -> list[Marker]:
        shown = self._shown[person.track_id]
        emotion = label_of(person)
        text, head = (self._marker(header, number, emotion_color(emotion), shown.position)
                      for number in _ids(shown.number))
        text.type = Marker.TEXT_VIEW_FACING
        text.text = '\n'.join([
            person.person or 'unknown', emotion if person.confirmed else 'not sure',
            *([distance_text(person.distance, True)] if person.estimated else [])])
        text.scale.z = TEXT_HEIGHT
        text.pose.position.y -= TEXT_ABOVE_FACE
        head.type = Marker.SPHERE
        head.color.a = HEAD_OPACITY
        head.scale.x = head.scale.y = head.scale.z = HEAD_DIAMETER
        head.pose.position.z += HEAD_DIAMETER / 2
        return [text, head]

    def _marker(
        self, header: Header, number: int, color: tuple[int, int, int], place: Point
    ) -> Marker:
        red, green, blue = color
        marker = Marker(
            header=header, ns=NAMESPACE, id=number, action=Marker.ADD,
            color=ColorRGBA(r=red / 255, g=green / 255, b=blue / 255, a=1.0),
            lifetime=Duration(seconds=self._lifetime).to_msg())
        marker.pose.position = Point(x=place.x, y=place.y, z=place.z)
        marker.pose.orientation.w = 1.0
        return marker


def _ids(number: int) -> tuple[int, int]:
    return 2 * number, 2 * number + 1
