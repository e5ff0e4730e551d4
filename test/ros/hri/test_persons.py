# SPDX-License-Identifier: Apache-2.0
"""Who is here and who was, as persons of REP 155."""

import re

from emorec_ros.hri.ids import anonymous_id
from emorec_ros.hri.ids import face_id
from emorec_ros.hri.ids import id_in_view
from emorec_ros.hri.ids import person_id
from emorec_ros.hri.persons import Person
from emorec_ros.hri.persons import Persons
import pytest
from rclpy.validate_topic_name import validate_topic_name

ADA, BOB = person_id('Ada'), person_id('Bob')


@pytest.mark.parametrize('text', ['k3f9a2c-12', '7--x', 'Ada Lovelace', 'Ædå 李', ''])
def test_ids_begin_with_a_letter_and_are_names_of_topics(text: str) -> None:
    """Whatever tracks and people are called; a person's id does not tell the name."""
    for each in (face_id(text), anonymous_id(text), person_id(text)):
        assert re.fullmatch(r'[a-z]\w*', each, re.ASCII)
        validate_topic_name(f'/humans/faces/{each}/roi')
    assert face_id(text) != anonymous_id(text)
    assert person_id(text) == person_id(text) != person_id(f'{text}.')
    assert len(person_id(text)) == 9


def test_an_unknown_face_is_an_anonymous_person_while_it_is_there() -> None:
    """Nobody could find it again by that id."""
    persons = Persons()
    persons.see({'s-1': ''})
    assert persons.here == [Person('as_1', anonymous=True, face_id='fs_1')]
    assert persons.tracked_ids == persons.known_ids == ['as_1']
    persons.see({})
    assert persons.here == persons.known_ids == []


def test_a_known_person_stays_known_after_leaving() -> None:
    """The id is permanent, so it is the same when the person is back."""
    persons = Persons()
    persons.see({'s-1': 'Ada'})
    assert persons.here == [Person(ADA, anonymous=False, name='Ada', face_id='fs_1')]
    persons.see({})
    assert persons.here == persons.tracked_ids == []
    assert persons.known_ids == [ADA]
    persons.see({'s-2': 'Ada', 's-3': 'Bob'})
    assert persons.known_ids == persons.tracked_ids == [ADA, BOB]
    assert [person.face_id for person in persons.here] == ['fs_2', 'fs_3']


def test_the_anonymous_person_becomes_an_alias_once_recognised() -> None:
    """Whoever followed the anonymous id finds the person; it goes with the track."""
    persons = Persons()
    persons.see({'s-1': ''})
    persons.see({'s-1': 'Ada'})
    assert persons.here == [Person(ADA, anonymous=False, name='Ada', face_id='fs_1'),
                            Person('as_1', anonymous=True, alias=ADA)]
    assert persons.tracked_ids == [ADA]
    assert persons.known_ids == [ADA, 'as_1']
    persons.see({'s-1': 'Bob'})
    assert Person('as_1', anonymous=True, alias=BOB) in persons.here
    persons.see({'s-1': ''})
    assert persons.here == [Person('as_1', anonymous=True, face_id='fs_1')]


def test_a_person_out_of_view_is_here_until_the_visit_ends() -> None:
    """That is for presence to tell: a lost track is no departure."""
    persons = Persons()
    persons.see({'s-1': 'Ada', 's-2': ''})
    for track_id, name in (('s-1', 'Ada'), ('s-2', '')):
        persons.is_here(track_id, name, engaged=False)
    persons.see({})
    assert persons.here == [Person(ADA, anonymous=False, name='Ada', engaged=False),
                            Person('as_2', anonymous=True, engaged=False)]
    assert persons.tracked_ids == []
    persons.left('s-1', 'Ada')
    persons.left('s-2', '')
    assert (persons.here, persons.known_ids) == ([], [ADA])


def test_engagement_goes_with_the_person() -> None:
    """From the unknown track to the name, and from track to track."""
    persons = Persons()
    persons.see({'s-1': ''})
    assert persons.here[0].engaged is None
    persons.is_here('s-1', '', engaged=True)
    persons.see({'s-1': 'Ada'})
    assert persons.here[0].engaged is True
    persons.is_here('s-1', 'Ada', engaged=True)
    persons.see({'s-2': 'Ada', 's-1': 'Bob'})
    assert [(person.name, person.engaged) for person in persons.here if person.face_id] == [
        ('Ada', True), ('Bob', True)]
    persons.forget_presence()
    persons.is_here('s-2', 'Ada', engaged=False)
    assert [person.engaged for person in persons.here if person.face_id] == [False, None]


def test_the_former_name_of_a_person_is_an_alias() -> None:
    """Also after a second change, and until the person has gone."""
    persons = Persons()
    persons.see({'s-1': 'Adda'})
    persons.is_here('s-1', 'Adda', engaged=True)
    persons.renamed('Adda', 'Ade')
    persons.renamed('Ade', 'Ada')
    assert persons.here == [
        Person(ADA, anonymous=False, name='Ada', face_id='fs_1', engaged=True),
        *(Person(person_id(name), anonymous=False, alias=ADA) for name in ('Ade', 'Adda'))]
    persons.see({})
    assert persons.tracked_ids == []
    persons.left('s-1', 'Ada')
    assert (persons.here, persons.known_ids) == ([], [ADA])


def test_a_name_that_is_taken_back_is_no_alias_of_itself() -> None:
    """Nor is a former name that somebody else was given."""
    persons = Persons()
    persons.see({'s-1': 'Ada'})
    persons.renamed('Ada', 'Bob')
    persons.renamed('Bob', 'Ada')
    assert persons.here == [Person(ADA, anonymous=False, name='Ada', face_id='fs_1'),
                            Person(BOB, anonymous=False, alias=ADA)]
    persons.see({'s-1': 'Ada', 's-2': 'Bob'})
    assert [(person.name, person.alias) for person in persons.here] == [('Ada', ''), ('Bob', '')]


def test_a_forgotten_person_is_unknown_at_once() -> None:
    """No list has the id any more."""
    persons = Persons()
    persons.see({'s-1': 'Ada', 's-2': 'Bob'})
    persons.is_here('s-1', 'Ada', engaged=True)
    persons.renamed('Ada', '')
    assert persons.known_ids == [BOB, 'as_1']
    assert id_in_view('s-1', '') in persons.tracked_ids
