# SPDX-License-Identifier: Apache-2.0
"""What is drawn of a message."""

from math import nan

from builtin_interfaces.msg import Time
from emorec.msg import Emotion
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.viewer.labels import people_labels
from emorec_ros.viewer.labels import rejections
from emorec_vision.drawing.people import PersonLabel
from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box
import pytest
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

ROI = RegionOfInterest(x_offset=200, y_offset=150, width=100, height=90)
BOX = Box(200, 150, 100, 90)


def label(person: PersonEmotion, *labels: str) -> PersonLabel:
    """Return what is drawn of one person, 10 s into a file."""
    header = Header(stamp=Time(sec=10))
    drawn, = people_labels(PersonEmotionArray(header=header, people=[person], labels=labels))
    return drawn


def test_emotions_of_another_model_are_drawn_by_its_names() -> None:
    """Those that the array gives."""
    drawn = label(PersonEmotion(
        emotion=Emotion.OTHER, label='Bored', confirmed=True, frame_emotion=Emotion.OTHER,
        label_probabilities=[0.25, 0.75], roi=ROI), 'Keen', 'Bored')
    assert (drawn.emotion, drawn.labels) == ('Bored', ('Keen', 'Bored'))
    assert list(drawn.probabilities or ()) == [0.25, 0.75]


def test_a_measured_person_is_drawn_with_probabilities_and_distance() -> None:
    """All that the message says."""
    drawn = label(PersonEmotion(
        person='Ada', emotion=Emotion.HAPPY, confirmed=True, share=0.75, probability=0.5, roi=ROI,
        distance=1.5, since=Time(sec=6), frame_emotion=Emotion.SAD,
        probabilities=[0.0, 0.0, 0.0, 0.25, 0.75, 0.0, 0.0]))
    assert (drawn.box, drawn.person, drawn.emotion) == (BOX, 'Ada', 'Happy')
    assert (drawn.confirmed, drawn.probability, drawn.distance) == (True, 0.5, 1.5)
    assert (drawn.held, drawn.labels) == (4.0, EMOTIONS)
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
