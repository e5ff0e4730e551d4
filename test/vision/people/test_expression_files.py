# SPDX-License-Identifier: Apache-2.0
"""What is kept of the faces of known people, beside their photos."""

import json
from pathlib import Path

from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.emotion.rest import Rest
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.people.expression_files import ExpressionFiles
from emorec_vision.people.expression_files import FILE
from emorec_vision.people.expression_files import MOST_BYTES
from emorec_vision.people.store import PeopleStore
import numpy as np
from people_folders import hidden
from people_folders import photos
import pytest

MEAN = np.array([0.5, -1.0, 0.25, 2.0, 0.0, -0.125])
SAD = EMOTIONS.index('Sad')


@pytest.fixture(scope='module')
def model() -> EmotionModel:
    """Return the shipped fast model."""
    return EmotionModel(model_path(''))


@pytest.fixture
def people(tmp_path: Path) -> PeopleStore:
    """Return a store with two people, whose model is read."""
    store = PeopleStore(tmp_path / 'people')
    store.add('Ada', photos(3))
    store.add('Bob', photos(2, 50))
    return store


@pytest.fixture
def files(people: PeopleStore, model: EmotionModel) -> ExpressionFiles:
    """Return the files of these people."""
    return ExpressionFiles(people.path, model)


def rest(model: EmotionModel, seconds: float = 20.0) -> Rest:
    """Return a rest that is far from nothing."""
    assert model.space is not None
    return Rest(model.space, seconds, MEAN)


def test_what_was_written_is_read(files: ExpressionFiles, model: EmotionModel,
                                  people: PeopleStore) -> None:
    """Only its owner may read it; nobody else's is touched, and it is no photo."""
    files.write_rest('Ada', rest(model))
    known = files.read('Ada')
    assert known is not None and known.expressions is None
    assert known.rest.seconds == 20
    assert known.rest.mean == pytest.approx(MEAN, abs=1e-3)
    path = people.home('Ada') / FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert files.read('Bob') is None
    assert people.count('Ada') == 3
    assert set(files.read_all(pytest.fail)) == {'Ada'}
    assert not hidden(people.path)


def test_expressions_are_kept_beside_the_rest(files: ExpressionFiles,
                                              model: EmotionModel) -> None:
    """Those of the person take the place of the general ones; one that is None is deleted."""
    assert model.space is not None
    files.write_learnt('Ada', rest(model), {'Sad': MEAN, 'Happy': 2 * MEAN})
    files.write_learnt('Ada', rest(model), {'Happy': None})
    files.write_rest('Ada', rest(model, 30))
    known = files.read('Ada')
    assert known is not None and known.expressions is not None
    assert known.expressions[SAD] == pytest.approx(MEAN, abs=1e-3)
    others = [number for number in range(7) if number != SAD]
    assert np.array_equal(known.expressions[others], model.space.expressions[others])
    assert known.rest.seconds == 30


def test_another_model_does_not_read_foreign_coordinates(
    files: ExpressionFiles, model: EmotionModel, people: PeopleStore
) -> None:
    """Each has its own, side by side."""
    other = ExpressionFiles(people.path, EmotionModel(model_path('accurate')))
    files.write_rest('Ada', rest(model))
    assert other.read('Ada') is None
    other.write_rest('Ada', rest(model, 40))
    mine, its = files.read('Ada'), other.read('Ada')
    assert mine is not None and its is not None
    assert (mine.rest.seconds, its.rest.seconds) == (20, 40)


def test_it_is_forgotten_and_renamed_with_the_person(
    files: ExpressionFiles, model: EmotionModel, people: PeopleStore
) -> None:
    """Nothing of it is left anywhere, and nothing can be written any more."""
    files.write_rest('Ada', rest(model))
    people.rename('Ada', 'Ada Lovelace')
    assert files.read('Ada') is None
    assert files.read('Ada Lovelace') is not None
    people.forget('Ada Lovelace')
    assert files.write_rest('Ada Lovelace', rest(model)) is None
    assert not list(people.path.rglob(FILE))


def test_a_stranger_is_not_written(files: ExpressionFiles, model: EmotionModel,
                                   people: PeopleStore) -> None:
    """Only who is enrolled has a folder."""
    assert files.write_rest('Eve', rest(model)) is None
    assert sorted(people.names()) == ['Ada', 'Bob']
    with pytest.raises(InputError, match="nobody in .* is called 'Eve'"):
        files.forget('Eve')


def test_expressions_are_deleted_one_by_one_or_all(
    files: ExpressionFiles, model: EmotionModel, people: PeopleStore
) -> None:
    """All means the rest, too: the file is gone."""
    files.write_learnt('Ada', rest(model), {'Sad': MEAN, 'Happy': MEAN})
    assert files.forget('Ada', ['Sad'])
    assert not files.forget('Ada', ['Sad'])
    known = files.read('Ada')
    assert known is not None and known.expressions is not None
    assert files.forget('Ada')
    assert not (people.home('Ada') / FILE).exists()
    assert not files.forget('Ada')


@pytest.mark.parametrize('content, complaint', [
    ('no JSON', 'it is no JSON'), ('[]', 'something is missing'), ('{}', 'something is missing'),
    ('{"version": 7, "models": {}}', 'its version is 7'),
    ('[' * 100_000, 'nested deeper'), (' ' * (MOST_BYTES + 1), 'bytes'),
    (json.dumps({'version': 1, 'models': {'x': {
        'labels': ['A'], 'seconds': -1, 'rest': [0], 'expressions': {}}}}), '-1 seconds'),
    (json.dumps({'version': 1, 'models': {'x': {
        'labels': ['A'], 'seconds': 1, 'rest': [1e30], 'expressions': {}}}}), 'no numbers'),
    ('{"version": 1, "models": {"x": {"labels": ["A"], "seconds": NaN, "rest": [0], '
     '"expressions": {}}}}', 'nan seconds'),
    (json.dumps({'version': 1, 'models': {'x': {
        'labels': ['A'], 'seconds': 1, 'rest': [0], 'expressions': {'B': [0]}}}}), 'none of its')],
    ids=lambda text: text[:40].strip() or 'spaces')
def test_nonsense_is_refused_in_one_line(
    content: str, complaint: str, files: ExpressionFiles, model: EmotionModel,
    people: PeopleStore
) -> None:
    """It is not overwritten, and the others are read; it can be deleted."""
    path = people.home('Ada') / FILE
    path.write_text(content)
    files.write_rest('Bob', rest(model))
    with pytest.raises(InputError, match=complaint) as error:
        files.read('Ada')
    assert str(path) in str(error.value) and '\n' not in str(error.value)
    with pytest.raises(InputError, match=complaint):
        files.write_rest('Ada', rest(model))
    warnings: list[str] = []
    assert set(files.read_all(warnings.append)) == {'Bob'}
    assert warnings == [str(error.value)]
    assert path.read_text() == content
    assert files.forget('Ada')
    files.write_rest('Ada', rest(model))
    assert files.read('Ada') is not None


def test_a_link_is_not_followed(files: ExpressionFiles, model: EmotionModel,
                                people: PeopleStore, tmp_path: Path) -> None:
    """Neither read nor written through."""
    files.write_rest('Bob', rest(model))
    target = people.home('Bob') / FILE
    (people.home('Ada') / FILE).symlink_to(target)
    with pytest.raises(InputError, match='not read'):
        files.read('Ada')
    assert files.read('Bob') is not None


def test_an_empty_or_missing_folder_knows_nothing(tmp_path: Path, model: EmotionModel) -> None:
    """It is not made."""
    files = ExpressionFiles(tmp_path / 'nowhere', model)
    assert files.read_all(pytest.fail) == {}
    assert files.write_rest('Ada', rest(model)) is None
    assert not (tmp_path / 'nowhere').exists()
