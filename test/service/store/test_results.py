# SPDX-License-Identifier: Apache-2.0
"""Results come back as they were stored, on SQLite and on PostgreSQL."""

from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box
import pytest

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.pictures.seen import SeenFace  # noqa: E402, I100
from emorec_service.pictures.seen import SeenPicture  # noqa: E402
from emorec_service.store.results import Filter  # noqa: E402
from emorec_service.store.results import Store  # noqa: E402


def picture(*faces: SeenFace) -> SeenPicture:
    """Return a picture with faces."""
    return SeenPicture(b'data', 'image/png', 9, 8, faces)


def face(emotion: str, share: float) -> SeenFace:
    """Return a face that shows an emotion and nothing else."""
    shares = {name: share if name == emotion else 0.0 for name in EMOTIONS}
    return SeenFace(Box(1, 2, 3, 4), shares)


def test_a_store_gives_back_what_it_was_given_also_after_a_restart(url):
    store = Store(url)
    store.delete_all()
    first = store.add(picture(face('Happy', 0.7), face('Sad', 1 / 3)), 'Zoë 雪.png', 0.5)
    second = store.add(picture(), '', 0.1)
    store.close()
    again = Store(url)
    rows = again.page(Filter(), 10)
    assert [row.id for row in rows] == [second.id, first.id]
    assert (rows[1].file_name, rows[1].threshold, rows[1].received) == (
        'Zoë 雪.png', 0.5, first.received)
    assert [each.probabilities['Sad'] for each in rows[1].faces] == [0.0, 0.333333]
    assert (rows[1].faces[0].x, rows[1].faces[0].height) == (1, 4)
    assert [row.id for row in again.every(Filter())] == [first.id, second.id]
    again.close()


def test_other_emotions_are_kept_by_their_names(url):
    store = Store(url)
    store.delete_all()
    shares = {'Happy': 0.2, 'Bored': 0.7, 'Angry, a bit': 0.1}
    other = SeenFace(Box(1, 2, 3, 4), shares)
    first = store.add(picture(other, other), '', 0.15)
    second = store.add(picture(face('Happy', 0.9)), '', 0.0)
    store.close()
    store = Store(url)
    assert [each.probabilities for each in store.get(first.id).faces] == [shares, shares]
    assert list(store.get(second.id).faces[0].probabilities) == list(EMOTIONS)
    assert store.labels() == ['Angry, a bit', 'Bored']
    for emotion, ids in (('Happy', [second.id, first.id]), ('Bored', [first.id]),
                         ('Angry, a bit', []), ('Sad', [second.id])):
        assert [row.id for row in store.page(Filter(emotion), 10)] == ids
    zero = store.add(picture(other), '', 0.0)
    assert store.count(Filter('Sad')) == 1, 'what a model does not tell is not shown by 0 %'
    assert store.delete(first.id) and store.delete(zero.id)
    assert store.labels() == []
    store.add(picture(other), '', 0.0)
    assert store.delete_all() == 2 and store.labels() == []
    store.close()


def test_names_are_kept_and_go_with_their_picture(url):
    from sqlalchemy import text
    store = Store(url)
    store.delete_all()
    shares = dict.fromkeys(EMOTIONS, 1 / 7)
    known = [SeenFace(Box(1, 2, 3, 4), shares, name) for name in ('Zoë', '', 'Ada')]
    ids = [store.add(picture(each, face('Sad', 1.0)), '', 0.1).id for each in known]
    store.close()
    store = Store(url)
    told = [[each.person for each in row.faces] for row in store.every(Filter())]
    assert told == [['Zoë', ''], ['', ''], ['Ada', '']]
    assert store.delete(ids[0]) and store.delete_all() == 2
    with store._engine.connect() as connection:
        assert connection.scalar(text('SELECT COUNT(*) FROM emorec_names')) == 0
    store.close()


def test_an_emotion_counts_from_its_picture_s_threshold_on(url):
    store = Store(url)
    store.delete_all()
    ids = [store.add(picture(face('Fear', share)), '', 0.3).id for share in (0.29, 0.3, 0.31)]
    assert [row.id for row in store.page(Filter('Fear'), 10)] == ids[:0:-1]
    assert store.count(Filter('Happy')) == 0
    moment = store.get(ids[1]).received
    assert [row.id for row in store.page(Filter(since=moment), 10)] == ids[:0:-1]
    assert [row.id for row in store.page(Filter(until=moment), 10)] == ids[:1]
    assert store.delete(ids[0]) and not store.delete(ids[0])
    assert store.delete_all() == 2
    store.close()
