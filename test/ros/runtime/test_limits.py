# SPDX-License-Identifier: Apache-2.0
"""What one message may cost."""

from math import inf
from math import nan
from typing import Any

from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonChange
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec.msg import PersonEvent
from emorec.msg import PersonPresence
from emorec_ros.runtime.limits import check_of
from emorec_ros.runtime.limits import LimitError
from geometry_msgs.msg import Point
import pytest
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

UNKNOWN = Point(x=nan, y=nan, z=nan)
CROP = Image(width=160, height=160, encoding='mono8', data=bytes(160 * 160))


def check(message: Any) -> None:
    """Check a message as a node does."""
    check_of(type(message))(message)


@pytest.mark.parametrize('message', [
    FaceArray(image_width=640, image_height=480, session='s', faces=[
        Face(track_id='s-1', distance=nan, position=UNKNOWN, yaw=nan, crop=CROP)] * 100),
    FaceEmotionArray(labels=['Happy', 'Bored'], emotions=[
        FaceEmotion(label_probabilities=[1.0005, 0.0], adapted=[nan, nan])]),
    IdentityArray(identities=[Identity(person='Zoë \u200c 陽子', distance=nan, confidence=1.0)]),
    PersonEmotionArray(people=[PersonEmotion(probabilities=[nan] * 7, distance=nan)]),
    PeopleSummary(people=[PersonPresence(distance=nan)]),
    Image(width=3840, height=2160, step=4 * 3840), CompressedImage(format='jpeg'),
    CameraInfo(width=640, height=480, d=[0.0] * 14), Header(frame_id='camera'),
])
def test_what_a_graph_publishes_is_within(message: Any) -> None:
    """Also where nothing was measured, and with names of all languages."""
    check(message)


@pytest.mark.parametrize('message, complaint', [
    (FaceArray(faces=[Face()] * 10_000), '10000 faces, 256 at most'),
    (FaceArray(faces=[Face(track_id='x' * 105_124)]), 'track_id has 105124 characters'),
    (FaceArray(faces=[Face(track_id='a\n[INFO] b')]), 'track_id holds a control character'),
    (FaceArray(session='\x1b[2J'), 'session holds a control character'),
    (FaceArray(header=Header(frame_id='f' * 257)), 'frame_id has 257 characters'),
    (FaceArray(image_width=2**32 - 1), 'an image of 4294967295x0 px'),
    (FaceArray(faces=[Face(crop=Image(width=20_000, height=20_000))]), 'a crop of 20000x20000'),
    (FaceArray(faces=[Face(crop=Image(data=bytes(9 * 2**20)))] * 2), 'bytes of crops'),
    (FaceArray(faces=[Face(crop=Image(encoding='e' * 129))]), 'encoding has 129 characters'),
    (FaceArray(faces=[Face(roi=RegionOfInterest(x_offset=2**32 - 1))]), 'a region ends beyond'),
    (FaceArray(faces=[Face(crop_roi=RegionOfInterest(height=70_000))]), 'a region ends beyond'),
    (FaceArray(faces=[Face(distance=inf)]), 'a position is infinite'),
    (FaceArray(faces=[Face(pitch=-inf)]), 'an angle is infinite'),
    (FaceEmotionArray(labels=['x' * 2**20]), 'a label has 1048576 characters, 40 at most'),
    (FaceEmotionArray(labels=['x'] * 65), '65 labels, 64 at most'),
    (FaceEmotionArray(emotions=[FaceEmotion(probabilities=[nan] * 7)]), 'a probability is nan'),
    (FaceEmotionArray(emotions=[FaceEmotion(label_probabilities=[inf])]), 'probability is inf'),
    (FaceEmotionArray(emotions=[FaceEmotion(adapted=[0.0] * 65)]), '65 probabilities'),
    (FaceEmotionArray(emotions=[FaceEmotion(adapted_weight=2.0)]), 'a weight is 2'),
    (IdentityArray(identities=[Identity(person='p' * 2**20)]), 'person has 1048576 characters'),
    (IdentityArray(identities=[Identity(confidence=nan)]), 'a confidence is nan'),
    (PersonEmotionArray(people=[PersonEmotion()] * 257), '257 people'),
    (PersonEmotionArray(people=[PersonEmotion(share=nan)]), 'a share is nan'),
    (PersonEmotionArray(people=[PersonEmotion(label='x' * 41)]), 'a label has 41 characters'),
    (PersonEmotionArray(people=[PersonEmotion(position=Point(x=inf))]), 'position is infinite'),
    (PersonChange(new_name='n' * 300), 'new_name has 300 characters'),
    (PersonEvent(person='\u2028'), 'person holds a control character'),
    (PeopleSummary(people=[PersonPresence()] * 300), '300 people'),
    (PeopleSummary(people=[PersonPresence(track_id='t' * 300)]), 'track_id has 300'),
    (Image(width=20_000, height=20_000), 'an image of 20000x20000 px'),
    (Image(width=1, height=2**31), 'an image of 1x2147483648 px'),
    (Image(width=4, height=4, step=2**32 - 1), 'step is 4294967295 bytes'),
    (Image(encoding='e' * 2**20), 'encoding has 1048576 characters, 128 at most'),
    (CompressedImage(data=bytes(65 * 2**20)), 'bytes of an image'),
    (CompressedImage(format='f' * 129), 'format has 129 characters'),
    (CameraInfo(d=[0.0] * 65), '65 coefficients, 64 at most'),
    (Header(frame_id='\0'), 'frame_id holds a control character'),
])
def test_what_exceeds_a_limit_is_refused_and_named(message: Any, complaint: str) -> None:
    """The text says which limit, and repeats nothing of what a stranger wrote."""
    with pytest.raises(LimitError, match=complaint) as error:
        check(message)
    assert len(str(error.value)) < 100 and str(error.value).isprintable()
