# SPDX-License-Identifier: Apache-2.0
"""What is drawn of a message."""

from math import nan

from emorec.msg import Emotion
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import PersonEmotion
from emorec_ros.viewer.labels import label
from emorec_ros.viewer.labels import rejections
from emorec_vision.geometry import Box
import pytest
from sensor_msgs.msg import RegionOfInterest

ROI = RegionOfInterest(x_offset=200, y_offset=150, width=100, height=90)
BOX = Box(200, 150, 100, 90)


def test_a_measured_person_is_drawn_with_probabilities_and_distance() -> None:
    """All that the message says."""
    drawn = label(PersonEmotion(
        person='Ada', emotion=Emotion.HAPPY, confirmed=True, share=0.75, roi=ROI, distance=1.5,
        frame_emotion=Emotion.SAD, probabilities=[0.0, 0.0, 0.0, 0.25, 0.75, 0.0, 0.0]))
    assert (drawn.box, drawn.person, drawn.emotion) == (BOX, 'Ada', 'Happy')
    assert (drawn.confirmed, drawn.share, drawn.distance) == (True, 0.75, 1.5)
    assert drawn.probabilities is not None and drawn.probabilities[Emotion.SAD] == 0.75


@pytest.mark.parametrize('frame_emotion', [Emotion.UNKNOWN, Emotion.HAPPY])
def test_what_is_not_known_is_not_drawn(frame_emotion: int) -> None:
    """Neither bars of NaN nor a distance of NaN."""
    drawn = label(PersonEmotion(frame_emotion=frame_emotion, probabilities=[nan] * 7,
                                distance=nan, roi=ROI))
    assert drawn.probabilities is None and drawn.distance is None


def test_a_rejected_box_says_why_and_where_it_was() -> None:
    """The distance only where there is one."""
    assert rejections(FaceArray(faces=[
        Face(roi=ROI, rejected_because='flat', distance=1.234),
        Face(roi=ROI, rejected_because='no depth', distance=nan)])) == [
            (BOX, 'flat  1.23 m'), (BOX, 'no depth')]
