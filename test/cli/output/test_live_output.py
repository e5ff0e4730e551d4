# SPDX-License-Identifier: Apache-2.0
"""What `emorec live` prints for a message, and the source it takes by itself."""

import json
from math import nan
from pathlib import Path
from typing import Any

from builtin_interfaces.msg import Time
from emorec.msg import Emotion
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_cli.live import check_ros
from emorec_cli.live import find_source
from emorec_cli.output.live_output import JsonOutput
from emorec_cli.output.live_output import TextOutput
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from geometry_msgs.msg import Vector3
import pytest
from sensor_msgs.msg import RegionOfInterest


def message(seconds: int, *people: PersonEmotion) -> PersonEmotionArray:
    """Give an /emotions message."""
    array = PersonEmotionArray(people=list(people))
    array.header.stamp.sec = seconds
    array.header.stamp.nanosec = 250_000_000
    return array


def person(emotion: int, confirmed: bool = True, **fields: Any) -> PersonEmotion:
    """Give a person, Ada at 1.5 m unless told otherwise."""
    return PersonEmotion(**{
        'person': 'Ada', 'known': True, 'track_id': 's-1', 'emotion': emotion,
        'confirmed': confirmed, 'share': 0.65, 'probability': 0.83, 'since': Time(sec=1),
        'distance': 1.5, 'frame_emotion': emotion,
        'detected': True, 'depth_checked': True, 'bearing': Vector3(x=0.0, y=-0.6, z=0.8),
        'probabilities': [0.94 if index == emotion else 0.01 for index in range(7)],
        'roi': RegionOfInterest(x_offset=1, y_offset=2, width=30, height=40), **fields})


def test_json_holds_everything_by_name() -> None:
    """One object; emotions by their names."""
    line, = JsonOutput().lines(message(12, person(
        Emotion.HAPPY, adapted=True, adapted_weight=0.75)))
    assert json.loads(line) == {
        'stamp': 12.25, 'people': [{
            'person': 'Ada', 'known': True, 'track_id': 's-1', 'emotion': 'Happy',
            'confirmed': True, 'share': 0.65, 'probability': 0.83, 'since': 1.0,
            'frame_emotion': 'Happy',
            'probabilities': {name: 0.94 if name == 'Happy' else 0.01 for name in EMOTIONS},
            'adapted': True, 'adapted_weight': 0.75,
            'distance': 1.5, 'estimated': False, 'bearing': [0.0, -0.6, 0.8], 'detected': True,
            'depth_checked': True,
            'roi': [1, 2, 30, 40]}]}


def test_json_says_null_where_nothing_was_measured() -> None:
    """A NaN is no JSON."""
    line, = JsonOutput().lines(message(12, person(
        Emotion.NEUTRAL, confirmed=False, distance=nan, frame_emotion=Emotion.UNKNOWN,
        probabilities=[nan] * 7, detected=False, depth_checked=False,
        bearing=Vector3(x=nan, y=nan, z=nan))))
    shown, = json.loads(line)['people']
    assert (shown['detected'], shown['depth_checked']) == (False, False)
    assert (shown['distance'], shown['probabilities'], shown['frame_emotion']) == (None, None, '')
    assert shown['probability'] is None
    assert (shown['adapted'], shown['adapted_weight']) == (False, None)
    assert shown['bearing'] is None and 'NaN' not in line


def test_an_estimated_distance_is_marked() -> None:
    """In both forms."""
    people = message(12, person(Emotion.HAPPY, estimated=True))
    line, = JsonOutput().lines(people)
    assert json.loads(line)['people'][0]['estimated'] is True
    line, = TextOutput().lines(people)
    assert line.endswith('  ~1.5 m')


def test_text_has_one_line_per_change_of_a_confirmed_emotion() -> None:
    """Neither repetition nor doubt is worth a line."""
    output = TextOutput()
    lines = [output.lines(message(number, person(emotion, confirmed)))
             for number, (emotion, confirmed) in enumerate([
                 (Emotion.NEUTRAL, False), (Emotion.HAPPY, True), (Emotion.HAPPY, True),
                 (Emotion.NEUTRAL, False), (Emotion.HAPPY, True), (Emotion.SAD, True)])]
    assert lines == [[], ['1.25 s  Ada: Happy 83%  1.50 m'], [], [], [],
                     ['5.25 s  Ada: Sad 83%, after Happy for 4 s  1.50 m']]


def test_text_names_an_unknown_person_by_track() -> None:
    """Two strangers can be told apart; without depth there is no distance."""
    line, = TextOutput().lines(message(1, person(
        Emotion.FEAR, person='', known=False, distance=nan)))
    assert line == '1.25 s  unknown (s-1): Fear 83%'


def test_text_gives_live_stamps_as_the_time_of_day() -> None:
    """Nobody reads seconds since 1970."""
    line, = TextOutput().lines(message(1_700_000_000, person(Emotion.FEAR)))
    assert line[2] == line[5] == ':'


def test_auto_takes_the_demo_where_there_is_no_camera(tmp_path: Path) -> None:
    """And says why."""
    assert find_source(tmp_path) == ('demo', 'no camera was found')


def test_auto_takes_the_demo_where_the_camera_does_not_deliver(tmp_path: Path) -> None:
    """A device file that is no camera is not waited for."""
    (tmp_path / 'video0').write_text('')
    source, why = find_source(tmp_path)
    if source != 'demo':
        pytest.skip('this machine has a camera 0')
    assert 'video0' in why or 'camera' in why


def test_without_ros_live_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a plain `pip install`, predict works and live names the way to get ROS 2."""
    check_ros()
    monkeypatch.setattr('emorec_cli.live.find_spec', lambda name: None)
    with pytest.raises(InputError, match='make live'):
        check_ros()


def test_what_the_model_calls_its_emotions_is_printed() -> None:
    """In both forms, by the names of the array."""
    people = message(12, person(
        Emotion.OTHER, label='Bored', probabilities=[0.1] + [0.0] * 6,
        label_probabilities=[0.1, 0.7, 0.2]))
    people.labels = ['Angry', 'Bored', 'Keen']
    shown, = json.loads(JsonOutput().lines(people)[0])['people']
    assert (shown['emotion'], shown['frame_emotion']) == ('Bored', 'Bored')
    assert shown['probabilities'] == {'Angry': 0.1, 'Bored': 0.7, 'Keen': 0.2}
    line, = TextOutput().lines(people)
    assert line.startswith('12.25 s  Ada: Bored 83%')


def test_a_name_from_the_network_moves_no_cursor() -> None:
    """Nor does it forge a line."""
    line, = TextOutput().lines(message(12, person(Emotion.HAPPY, person='\x1b[2J\nAda')))
    assert line.isprintable() and '\\x1b[2J\\nAda: Happy' in line
