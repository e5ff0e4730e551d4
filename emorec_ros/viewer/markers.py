# SPDX-License-Identifier: Apache-2.0
"""People as markers of rviz."""

from math import isnan

from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_vision.drawing.people import EMOTION_COLORS
from emorec_vision.emotions import EMOTIONS
from rclpy.duration import Duration
from std_msgs.msg import ColorRGBA
from std_msgs.msg import Header
from visualization_msgs.msg import Marker
from visualization_msgs.msg import MarkerArray

HEAD_ABOVE_FACE = 0.2
"""From the centre of a face up to its text, m."""
TEXT_HEIGHT = 0.08
"""Of a capital letter, m."""
LIFETIME = 0.5
"""After which a marker that no answer renewed goes, s."""


def markers(people: PersonEmotionArray) -> MarkerArray:
    """Return a text over every head whose position is known, coloured by emotion.

    Markers of an earlier answer are deleted.
    """
    return MarkerArray(markers=[
        Marker(header=people.header, action=Marker.DELETEALL),
        *(_text_over(person, number, people.header)
          for number, person in enumerate(people.people) if not isnan(person.position.z))])


def _text_over(person: PersonEmotion, number: int, header: Header) -> Marker:
    emotion = EMOTIONS[person.emotion]
    red, green, blue = EMOTION_COLORS[emotion]
    marker = Marker(
        header=header, ns='emorec', id=number, type=Marker.TEXT_VIEW_FACING,
        text=f'{person.person or "unknown"}\n{emotion if person.confirmed else "not sure"}',
        color=ColorRGBA(r=red / 255, g=green / 255, b=blue / 255, a=1.0),
        lifetime=Duration(seconds=LIFETIME).to_msg())
    marker.pose.position.x = person.position.x
    marker.pose.position.y = person.position.y - HEAD_ABOVE_FACE
    marker.pose.position.z = person.position.z
    marker.pose.orientation.w = 1.0
    marker.scale.z = TEXT_HEIGHT
    return marker
