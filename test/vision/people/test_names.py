# SPDX-License-Identifier: Apache-2.0
"""Any name of a person becomes a folder in the people folder, and comes back the same."""

from pathlib import Path
import unicodedata

from emorec_vision.errors import InputError
from emorec_vision.people.names import folder_name
from emorec_vision.people.names import person_name
from emorec_vision.people.store import PeopleStore
import numpy as np
import pytest

NAMES = ('Ada', 'Zoë van Dyk', "Conan O'Brien", 'J. R. R.', '.hidden', '..', '.',
         '../../etc/passwd', '/root', 'a/b', 'a\\b', '100 %', '%2E%2E', '%', 'C:\\', '-rf',
         '🙂 Ω 李', '~', '$HOME',
         'CON', '*?', 'review', '.model', '.lock')


@pytest.mark.parametrize('name', NAMES)
def test_any_name_stays_in_the_folder_and_comes_back(tmp_path, name):
    encoded = folder_name(name)
    assert '/' not in encoded and not encoded.startswith('.')
    assert person_name(encoded) == name
    people = PeopleStore(tmp_path / 'people')
    people.add(name, [np.zeros((150, 150), np.uint8)])
    assert people.names() == [name] and people.count(name) == 1
    assert [path.name for path in tmp_path.iterdir()] == ['people']
    assert people.home(name).parent == tmp_path / 'people'
    assert people.forget(name).photos == 1


def test_different_names_have_different_folders():
    assert len({folder_name(name) for name in NAMES}) == len(NAMES)


def test_plain_names_are_folders_as_they_are():
    assert [folder_name(name) for name in ('Ada', 'Zoë van Dyk', 'J. R. R.')] == [
        'Ada', 'Zoë van Dyk', 'J. R. R.']


def test_spellings_of_unicode_are_one_name(tmp_path):
    decomposed = unicodedata.normalize('NFD', 'Zoë')
    (tmp_path / decomposed).mkdir()
    people = PeopleStore(tmp_path)
    people.add('Zoë', [np.zeros((150, 150), np.uint8)])
    people.add(decomposed, [np.zeros((150, 150), np.uint8)])
    assert people.names() == ['Zoë'] and people.count(' Zoë ') == 2


@pytest.mark.parametrize('by_hand', ['100%', '%ff', '%0A', '%2'])
def test_a_folder_made_by_hand_is_called_as_it_is(tmp_path, by_hand):
    (tmp_path / by_hand).mkdir()
    assert PeopleStore(tmp_path).names() == [by_hand]
    assert PeopleStore(tmp_path).home(by_hand) == tmp_path / by_hand


@pytest.mark.parametrize('name, told', [
    ('', 'the name is empty'), ('  ', 'the name is empty'), ('a\nb', 'a line break'),
    ('a\0b', 'control character'), ('\ud800', 'control character'),
    ('a' * 256, 'is too long'), ('é' * 130, 'is too long'), ('/' * 90, 'is too long')])
def test_what_is_no_name_is_refused_in_one_line(tmp_path: Path, name: str, told: str) -> None:
    """Nothing is made, and the line can be printed."""
    with pytest.raises(InputError, match=told) as refusal:
        PeopleStore(tmp_path / 'people').add(name, [np.zeros((150, 150), np.uint8)])
    assert '\n' not in str(refusal.value)
    str(refusal.value).encode()
    assert not (tmp_path / 'people').exists()
