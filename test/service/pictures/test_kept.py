# SPDX-License-Identifier: Apache-2.0
"""Pictures themselves are kept only when asked, and go with their result."""

import sqlite3

from service.requests import send


def test_no_picture_and_no_deleted_name_stays_on_the_disk(client, portrait, tmp_path):
    send(client, portrait, 'secret-name.jpg')
    assert b'secret-name' in b''.join(path.read_bytes() for path in tmp_path.iterdir())
    client.delete('/pictures/1')
    everything = b''.join(path.read_bytes() for path in tmp_path.iterdir())
    assert b'secret-name' not in everything
    assert portrait[1000:1100] not in everything


def test_pictures_are_kept_when_asked_and_go_with_their_result(serve, portrait, tmp_path):
    folder = tmp_path / 'kept'
    client = serve(pictures=folder)
    ids = [send(client, portrait).json()['id'] for _ in range(3)]
    assert client.get(f'/pictures/{ids[0]}').json()['kept']
    reply = client.get(f'/pictures/{ids[0]}/image')
    assert (reply.content, reply.headers['content-type']) == (portrait, 'image/jpeg')
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    client.delete(f'/pictures/{ids[0]}')
    assert len(list(folder.iterdir())) == 2
    forgetful = serve()
    forgetful.delete('/pictures')
    assert list(folder.iterdir()) == []


def test_a_picture_whose_result_was_not_stored_is_not_kept(serve, portrait, tmp_path):
    folder = tmp_path / 'kept'
    client = serve(pictures=folder)
    with sqlite3.connect(tmp_path / 'results.db') as connection:
        connection.execute('DROP TABLE emorec_faces')
    reply = send(client, portrait)
    assert reply.status_code == 503 and reply.headers['retry-after']
    assert reply.json()['detail'].startswith('the store cannot be used: ')
    assert list(folder.iterdir()) == []


def test_what_a_kill_left_is_removed_unless_another_service_may_be_at_it(portrait, tmp_path):
    from emorec_service.pictures.kept import KeptPictures
    first = KeptPictures(tmp_path)
    unfinished = tmp_path / '.emorec-0.png.part'
    unfinished.write_bytes(portrait)
    second = KeptPictures(tmp_path)
    first.close()
    KeptPictures(tmp_path).close()
    assert unfinished.exists()
    second.close()
    KeptPictures(tmp_path).close()
    assert not unfinished.exists()


def test_a_picture_that_was_not_kept_is_not_there(client, portrait):
    send(client, portrait)
    assert client.get('/pictures/1/image').status_code == 404
