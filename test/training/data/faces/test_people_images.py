# SPDX-License-Identifier: Apache-2.0
"""Who is shown in an image and what, by its name."""
from pathlib import Path

import cv2
from emorec_training.data.faces.people_images import name_of
from emorec_training.data.faces.people_images import read_people
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np
from people_images import write_images
import pytest

GRAY = np.full((48, 48), 90, np.uint8)


@pytest.mark.parametrize(('stem', 'folder', 'subject', 'emotion'), [
    ('subject01.happy', '', 'subject01', 'Happy'),
    ('subject01.noglasses', '', 'subject01', 'Neutral'),
    ('subject01.normal', '', 'subject01', 'Neutral'),
    ('subject01.glasses', '', 'subject01', ''),
    ('S010_004_00000017', 'anger', 'S010', 'Angry'),
    ('KA.AN1.39', '', 'KA', 'Angry'),
    ('SA.SU2.1', '', 'SA', 'Surprise'),
    ('NA.NE3.77', '', 'NA', 'Neutral'),
    ('AF01ANS', '', 'F01', 'Angry'),
    ('BM12AFHL', '', 'M12', 'Fear'),
    ('Rafd090_01_Caucasian_female_fearful_frontal', '', '01', 'Fear'),
    ('Rafd000_33_Caucasian_male_contemptuous_left', '', '33', 'Contempt'),
    ('surprised-ada-2', '', 'ada', 'Surprise'),
    ('happy1', 'Ada', 'Ada', 'Happy'),
    ('DI2', 'KA', 'KA', 'Disgust'),
    ('rest_03', 'Ada Lovelace', 'Ada Lovelace', 'Neutral'),
])
def test_names_say_person_and_emotion(
        stem: str, folder: str, subject: str, emotion: str) -> None:
    """As in Yale, CK+, JAFFE, KDEF, RaFD, and as people name their own."""
    named = name_of(stem, folder)
    assert (named.subject, named.emotion) == (subject, emotion)


@pytest.mark.parametrize('form', ['{person}.{emotion}.png', '{person}/{emotion}.png',
                                  '{emotion}/{person}_001_00000007.png'])
def test_the_three_forms_of_a_folder_are_the_same(form: str, tmp_path: Path) -> None:
    """Flat, a sub-folder per person, or one per emotion."""
    write_images(tmp_path, {form.format(person=person, emotion=emotion): GRAY
                            for person in ('ada', 'ben') for emotion in ('happy', 'sad')})
    people = read_people(tmp_path, EMOTIONS)
    found = {(str(subject), EMOTIONS[label])
             for subject, label in zip(people.subjects, people.labels)}
    assert found == {(person, emotion) for person in ('ada', 'ben')
                     for emotion in ('Happy', 'Sad')}
    assert not people.left_out and not people.photos


def test_other_conditions_are_left_out_and_named(tmp_path: Path) -> None:
    """By the word in the name, or by the sub-folder among those of emotions."""
    write_images(tmp_path, {'happy/s1_1.png': GRAY, 'contempt/s1_1.png': GRAY,
                            'contempt/s1_2.png': GRAY, 'odd/s2_3.png': GRAY})
    assert read_people(tmp_path, EMOTIONS).left_out == {'contempt': 2, 'odd': 1}
    flat = write_images(tmp_path / 'flat', {'s1.happy.png': GRAY, 's1.wink.png': GRAY})
    assert read_people(flat, EMOTIONS).left_out == {'wink': 1}


def test_an_expression_says_where_the_person_stands(tmp_path: Path) -> None:
    """Its group, or all of it."""
    write_images(tmp_path, {'day1_p07_happy.png': GRAY, 'day2_p08_sad.png': GRAY})
    for pattern in ('_(p..)_', 'p0[0-9]'):
        assert read_people(tmp_path, EMOTIONS, pattern).subjects.tolist() == ['p07', 'p08']


def test_frames_of_a_sequence_belong_together(tmp_path: Path) -> None:
    """Numbers of at least four digits are those of frames."""
    write_images(tmp_path, {f'anger/{name}.png': GRAY for name in (
        'S010_004_00000017', 'S010_004_00000018', 'S010_005_00000018')})
    write_images(tmp_path, {'fear/KA.FE1.45.png': GRAY, 'fear/KA.FE2.46.png': GRAY})
    assert len(set(read_people(tmp_path, EMOTIONS).sequences)) == 4


def test_faces_are_found_in_photos_and_small_images_are_faces(
        tmp_path: Path, astronaut: np.ndarray) -> None:
    """A photo without a face is named."""
    photo = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(photo[:200, 120:320], (60, 60))
    write_images(tmp_path, {'ada.happy.png': photo, 'ben.happy.png': small,
                            'cy.happy.png': np.full((200, 300), 90, np.uint8)})
    people = read_people(tmp_path, EMOTIONS)
    assert people.photos == 1 and people.without_face == ['cy.happy.png']
    assert people.images.shape == (2, 48, 48) and people.images[0].std() > 20
    assert np.abs(people.images[1].astype(int) - cv2.resize(
        small, (48, 48), interpolation=cv2.INTER_AREA)).mean() < 2


@pytest.mark.parametrize(('names', 'subject', 'reason'), [
    ([], '', 'no images'), (['ada.wink.png'], '', 'it has wink'),
    (['ada.happy.png'], '(', 'no regular expression'),
    (['ada.happy.png'], 'q', 'q is not found in ada.happy.png')])
def test_what_cannot_be_read_is_said(
        names: list[str], subject: str, reason: str, tmp_path: Path) -> None:
    """In one line."""
    write_images(tmp_path, dict.fromkeys(names, GRAY))
    with pytest.raises(InputError, match=reason.replace('(', r'\(')):
        read_people(tmp_path, EMOTIONS, subject)
