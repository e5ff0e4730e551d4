# SPDX-License-Identifier: Apache-2.0
"""Faces are read against the person at rest, under names that come, change and go."""

from collections.abc import Sequence
from pathlib import Path
import signal
from threading import Thread
from typing import Any

import cv2
from emorec.msg import Emotion
from emorec.msg import ExpressionProgress
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PersonChange
from emorec.msg import PersonEmotionArray
from emorec.srv import ForgetExpressions
from emorec.srv import LearnExpressions
from emorec_ros.messages.conversions import roi_from_box
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
from emorec_vision.people.expression_files import ExpressionFiles
from emorec_vision.people.expression_files import FILE
from emorec_vision.people.store import PeopleStore
import numpy as np
from onnx_models import write_model
from patience import PATIENCE
from patience import wait_until
from people_folders import photos
import pytest
from ros_harness import Harness
from std_msgs.msg import Header
from std_srvs.srv import Trigger

START_NS = 1_800_000_000_000_000_000
FRAME_NS = 100_000_000
BOX = Box(20, 20, 60, 60)


@pytest.fixture(scope='module')
def smile(astronaut: np.ndarray) -> np.ndarray:
    """Return the astronaut's face, gray (100, 100), with BOX in it."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    return cv2.resize(gray[40:240, 120:320], (100, 100), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope='module')
def calm(smile: np.ndarray) -> np.ndarray:
    """Return what is left of it without a smile, which the network reads as Neutral."""
    return cv2.GaussianBlur(smile, (0, 0), 12)


@pytest.fixture
def people(tmp_path: Path) -> PeopleStore:
    """Return a people folder with Ada and Bob."""
    store = PeopleStore(tmp_path / 'people')
    store.add('Ada', photos(2))
    store.add('Bob', photos(2, 50))
    return store


class Chain:
    """Stand in for the detector and the identity node around the emotion node."""

    def __init__(self, harness: Harness, **parameters: Any) -> None:
        self._harness = harness
        self.process = harness.start('emotion', **parameters)
        self.emotions = harness.topic(FaceEmotionArray, '/face_emotions')
        self._faces = harness.publisher(FaceArray, '/faces')
        self._identities = harness.publisher(IdentityArray, '/identities')
        self.number = 0

    def changed(self, change: int, name: str, new_name: str = '') -> None:
        """Publish that somebody was forgotten or renamed."""
        self._harness.publisher(PersonChange, '/person_changes').publish(
            PersonChange(change=change, name=name, new_name=new_name))

    def show(self, count: int, face: np.ndarray, name: str = '', track_id: str = 'a',
             session: str = 's') -> FaceEmotion:
        """Show a face in so many images and return its last emotion."""
        crop, crop_box = context_crop(face, BOX)
        for _ in range(count):
            self.number += 1
            header = Header(stamp=time_from_ns(START_NS + self.number * FRAME_NS))
            self._identities.publish(IdentityArray(header=header, session=session, identities=[
                Identity(track_id=track_id, person=name, known=bool(name))]))
            self._faces.publish(FaceArray(header=header, session=session, faces=[Face(
                track_id=track_id, roi=roi_from_box(BOX), detected=True,
                crop=to_message(crop, 'mono8'), crop_roi=roi_from_box(crop_box))]))
            self.emotions.wait_for(lambda message: message.header == header)
        measured, = self.emotions.messages[-1].emotions
        return measured


def network_row(face: np.ndarray) -> list[float]:
    """Return what the network itself reads."""
    model = EmotionModel(model_path(''))
    crop, crop_box = context_crop(face, BOX)
    pixels = FaceCrop('a', crop, crop_box, BOX, True).pixels(model.input_size)
    return model.predict(pixels[None])[0].tolist()


def test_raw_stays_raw_and_adapted_stands_beside_it(
    harness: Harness, smile: np.ndarray, calm: np.ndarray
) -> None:
    """Of a new face nothing is known; a session of its own begins anew."""
    chain = Chain(harness, people='none')
    first = chain.show(1, smile)
    assert list(first.label_probabilities) == pytest.approx(network_row(smile), abs=1e-5)
    assert list(first.adapted) == pytest.approx(list(first.label_probabilities), abs=1e-5)
    assert first.adapted_weight == 0
    assert list(chain.show(20, smile).probabilities) == list(first.probabilities)
    later = chain.show(20, calm)
    assert later.adapted_weight > 0.1
    assert sum(later.adapted) == pytest.approx(1, abs=1e-5)
    assert chain.show(1, calm, session='t').adapted_weight == 0


def test_an_image_that_comes_again_is_answered_the_same(
    harness: Harness, smile: np.ndarray
) -> None:
    """And teaches nothing twice."""
    chain = Chain(harness, people='none')
    chain.show(3, smile)
    count = len(chain.emotions.messages)
    chain.number -= 1
    chain.show(1, smile)
    again = chain.emotions.wait_for_count(count + 1)
    assert again[-1] == again[-2]


def test_off_is_what_it_was(harness: Harness, smile: np.ndarray) -> None:
    """Nothing is adapted; it can be switched on and off while the node runs."""
    chain = Chain(harness, adapt='off')
    measured = chain.show(10, smile)
    assert (list(measured.adapted), measured.adapted_weight) == ([], 0)
    assert list(measured.probabilities) == pytest.approx(network_row(smile), abs=1e-5)
    assert harness.set_parameters('emotion', adapt='rest') == [(True, '')]
    assert len(chain.show(10, smile).adapted) == 7
    (done, reason), = harness.set_parameters('emotion', adapt='always')
    assert not done and "'always' is none of off, rest, person" in reason
    assert harness.set_parameters('emotion', adapt='off') == [(True, '')]
    assert list(chain.show(1, smile).adapted) == []


def test_a_model_without_a_space_says_so_once(harness: Harness, tmp_path: Path) -> None:
    """And is heard raw."""
    chain = Chain(harness, model=write_model(tmp_path / 'model.onnx'))
    assert list(chain.show(3, np.full((100, 100), 108, np.uint8)).adapted) == []
    assert harness.log('emotion').count('does not say where expressions lie') == 1


def test_a_known_person_is_written_when_they_leave_and_read_at_once_later(
    harness: Harness, calm: np.ndarray, people: PeopleStore
) -> None:
    """Who has no folder is not; the next run knows the person as soon as the name comes."""
    chain = Chain(harness, people=people.path)
    chain.show(40, calm, 'Ada')
    chain.show(40, calm, 'Eve', track_id='b')
    path = people.home('Ada') / FILE
    wait_until(path.exists, lambda: harness.log('emotion'))
    assert path.stat().st_mode & 0o777 == 0o600
    assert not (people.path / 'Eve').exists()
    harness.stop_nodes()
    files = ExpressionFiles(people.path, EmotionModel(model_path('')))
    known = files.read('Ada')
    assert known is not None and known.rest.seconds > 0
    chain = Chain(harness, people=people.path)
    assert chain.show(2, calm, 'Ada', track_id='c').adapted_weight == pytest.approx(
        known.rest.weight, abs=0.01)


def test_what_was_learnt_is_written_at_the_end(
    harness: Harness, calm: np.ndarray, people: PeopleStore
) -> None:
    """Also of somebody who is still in view; not where that is switched off."""
    chain = Chain(harness, people=people.path)
    chain.show(40, calm, 'Ada')
    chain.process.send_signal(signal.SIGINT)
    assert chain.process.wait(PATIENCE) == 0
    assert (people.home('Ada') / FILE).exists()


@pytest.mark.parametrize('parameters', [{'adapt': 'rest'}, {'keep_rests': False}])
def test_nothing_is_written_unless_it_is_to_be(
    parameters: dict[str, Any], harness: Harness, calm: np.ndarray, people: PeopleStore
) -> None:
    """People are known by name in memory only."""
    chain = Chain(harness, people=people.path, **parameters)
    weight = chain.show(45, calm, 'Ada').adapted_weight
    assert weight > 0.1
    assert chain.show(2, calm, 'Ada', track_id='b').adapted_weight >= 0.9 * weight
    chain.process.send_signal(signal.SIGINT)
    assert chain.process.wait(PATIENCE) == 0
    assert not list(people.path.rglob(FILE))


def test_a_rename_keeps_all_and_forgotten_is_gone(
    harness: Harness, calm: np.ndarray, people: PeopleStore
) -> None:
    """In memory and in the folder; identities on their way with the old name change nothing."""
    chain = Chain(harness, people=people.path)
    weight = chain.show(45, calm, 'Ada').adapted_weight
    assert weight > 0.1
    people.rename('Ada', 'Ada Lovelace')
    chain.changed(PersonChange.RENAMED, 'Ada', 'Ada Lovelace')
    wait_until(lambda: chain.show(1, calm, 'Ada Lovelace', 'b').adapted_weight >= 0.9 * weight,
               lambda: 'the new name does not carry what was learnt')
    chain.show(40, calm, 'Ada Lovelace', 'b')
    chain.show(25, calm, '', 'c')
    path = people.home('Ada Lovelace') / FILE
    wait_until(path.exists, lambda: harness.log('emotion'))
    people.forget('Ada Lovelace')
    chain.changed(PersonChange.FORGOTTEN, 'Ada Lovelace')
    wait_until(lambda: chain.show(1, calm, 'Ada Lovelace', 'd').adapted_weight < 0.01,
               lambda: 'something is remembered')
    chain.process.send_signal(signal.SIGINT)
    assert chain.process.wait(PATIENCE) == 0
    assert not list(people.path.rglob(FILE)) and people.names() == ['Bob']


def learn(harness: Harness, chain: Chain, faces: dict[str, np.ndarray],
          **request: Any) -> LearnExpressions.Response:
    """Let a person show what is asked for, and return the answer of the service."""
    progress = harness.topic(ExpressionProgress, '/expression_progress')
    answers: list[Any] = []
    asking = Thread(target=lambda: answers.append(harness.call(
        LearnExpressions, '/emotion/learn_expressions', **request)))
    asking.start()
    wait_until(lambda: progress.messages or answers, lambda: 'nothing is asked for')
    while not answers and not progress.messages[-1].finished:
        chain.show(1, faces[progress.messages[-1].expression or 'Neutral'], request['name'])
    asking.join(PATIENCE)
    return answers[0]


def test_expressions_are_learnt_while_the_graph_runs_and_forgotten(
    harness: Harness, smile: np.ndarray, people: PeopleStore
) -> None:
    """The answer says what was found; the rest that was shown counts at once."""
    chain = Chain(harness, people=people.path)
    chain.show(1, smile, 'Ada')
    faces = {'Neutral': smile, 'Happy': smile, 'Sad': cv2.flip(smile, 0)}
    answer = learn(harness, chain, faces, name='Ada', expressions=['Happy', 'Sad'], seconds=2.0)
    assert answer.success, answer.message
    happy, sad = answer.findings
    assert happy == 'Happy: no difference from rest was seen; skipped'
    assert 'held-back frames' in sad
    assert chain.show(1, smile, 'Ada').adapted_weight > 0.8
    path = people.home('Ada') / FILE
    assert path.exists()
    answer = harness.call(ForgetExpressions, '/emotion/forget_expressions', name='Ada')
    assert not path.exists()
    assert chain.show(1, smile, 'Ada').adapted_weight < 0.1


@pytest.mark.parametrize('request_fields, complaint', [
    ({'name': 'Eve'}, 'nobody in'), ({'name': 'Ada', 'expressions': ['Bored']}, 'is none of'),
    ({'name': ''}, 'the name is empty')])
def test_what_cannot_be_learnt_is_refused(
    request_fields: dict[str, Any], complaint: str, harness: Harness, people: PeopleStore
) -> None:
    """At once, with the reason."""
    Chain(harness, people=people.path)
    answer = harness.call(LearnExpressions, '/emotion/learn_expressions', **request_fields)
    assert not answer.success and complaint in answer.message
    answer = harness.call(Trigger, '/emotion/skip_expression')
    assert (answer.success, answer.message) == (False, 'nothing is being learnt')


def voted(harness: Harness, adapted: Sequence[float]) -> PersonEmotionArray:
    """Return the 13th answer of the aggregator to a raw Sad with these adapted probabilities."""
    harness.start('aggregator')
    people = harness.topic(PersonEmotionArray, '/emotions')
    faces = harness.publisher(FaceArray, '/faces')
    emotions = harness.publisher(FaceEmotionArray, '/face_emotions')
    for number in range(13):
        header = Header(stamp=time_from_ns(START_NS + number * FRAME_NS))
        emotions.publish(FaceEmotionArray(header=header, session='s', emotions=[FaceEmotion(
            track_id='a', emotion=Emotion.SAD, probabilities=[0, 0, 0, 0, 1.0, 0, 0],
            adapted=adapted, adapted_weight=0.75)]))
        faces.publish(FaceArray(header=header, session='s', faces=[
            Face(track_id='a', roi=roi_from_box(BOX), detected=True)]))
        people.wait_for_count(number + 1)
    return people.messages[-1]


def test_the_window_votes_on_what_is_adapted(harness: Harness) -> None:
    """And the answer says so."""
    person, = voted(harness, [0, 0, 0, 0, 0.25, 0, 0.75]).people
    assert (person.emotion, person.confirmed) == (Emotion.NEUTRAL, True)
    assert person.frame_emotion == Emotion.NEUTRAL
    assert list(person.probabilities) == [0, 0, 0, 0, 0.25, 0, 0.75]
    assert (person.adapted, person.adapted_weight) == (True, 0.75)


@pytest.mark.parametrize('adapted', [[], [1.0], [float('nan')] * 7])
def test_what_is_not_adapted_votes_raw(adapted: list[float], harness: Harness) -> None:
    """Nonsense of a foreign node, too."""
    person, = voted(harness, adapted).people
    assert (person.emotion, person.confirmed) == (Emotion.SAD, True)
    assert (person.adapted, person.adapted_weight) == (False, 0)
