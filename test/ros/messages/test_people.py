# SPDX-License-Identifier: Apache-2.0
"""What is known of a person, as a message."""

from emorec.msg import Face
from emorec_ros.messages.people import person_message
from emorec_vision.confirmation import Confirmation
from emorec_vision.emotion.aggregation import PersonInView
from emorec_vision.emotion.person_windows import PersonState
from emorec_vision.emotions import NEUTRAL
from geometry_msgs.msg import Vector3
import pytest


@pytest.mark.parametrize('detected', [True, False])
@pytest.mark.parametrize('depth_checked', [True, False])
def test_a_person_carries_what_the_face_is_known_by(detected: bool, depth_checked: bool) -> None:
    """So that a robot can leave out who was not seen just now, or not by depth."""
    state = PersonState(Confirmation(NEUTRAL, False, 0.0), 0)
    face = Face(track_id='s-1', detected=detected, depth_checked=depth_checked, distance=1.5,
                estimated=not depth_checked, bearing=Vector3(x=0.6, y=0.0, z=0.8))
    person = person_message(face, PersonInView('Ada', state, None))
    assert (person.detected, person.depth_checked) == (detected, depth_checked)
    assert (person.track_id, person.person, person.distance) == ('s-1', 'Ada', 1.5)
    assert (person.estimated, person.bearing) == (not depth_checked, face.bearing)
