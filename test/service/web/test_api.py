# SPDX-License-Identifier: Apache-2.0
"""What the service answers, remembers and forgets."""

from datetime import datetime
from datetime import timezone
import json

from emorec_cli.main import main
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np
from onnx_models import write_model
import pytest
from service.picture_files import encode
from service.requests import send
from service.requests import send_json


def test_the_same_picture_gets_the_answer_of_predict(client, portrait, tmp_path, capsys):
    (tmp_path / 'portrait.jpg').write_bytes(portrait)
    assert main(['predict', str(tmp_path / 'portrait.jpg'), '--json']) == 0
    expected = json.loads(capsys.readouterr().out)['faces']
    reply = send(client, portrait)
    assert (reply.status_code, reply.headers['location']) == (201, '/pictures/1')
    faces = reply.json()['faces']
    assert [face['probabilities'] for face in faces] == [
        face['probabilities'] for face in expected]
    assert [face['emotion'] for face in faces] == [face['emotion'] for face in expected]
    x, y, width, height = expected[0]['roi']
    assert faces[0]['bbox'] == [x, y, x + width, y + height]
    assert send_json(client, portrait).json()['faces'] == faces


def test_the_original_client_still_works_and_gets_more(client, portrait):
    reply = send_json(client, portrait, threshold=0.1, file_name='test.jpg')
    assert reply.status_code == 200
    answer = reply.json()
    assert answer['message'] == 'image received'
    assert (answer['file_name'], answer['threshold']) == ('test.jpg', 0.1)
    assert (answer['width'], answer['height'], answer['kept']) == (240, 240, False)
    face, = answer['faces']
    assert face['face_id'] == 1
    assert all(type(corner) is int for corner in face['bbox'])
    assert list(face['probabilities']) == list(EMOTIONS)
    assert sum(face['probabilities'].values()) == pytest.approx(1, abs=1e-4)
    assert face['above_threshold'] == {name: share for name, share in
                                       face['probabilities'].items() if share >= 0.1}


def test_faces_are_numbered_from_left_to_right(client, astronaut):
    head = astronaut[:240, 100:340]
    pair = np.concatenate([head, head[:, ::-1]], axis=1)
    faces = send(client, encode('.png', pair)).json()['faces']
    assert [face['face_id'] for face in faces] == [1, 2]
    assert faces[0]['bbox'][0] < 240 <= faces[1]['bbox'][0]


def test_known_people_are_told_by_name(serve, portrait, tmp_path):
    folder = tmp_path / 'people' / 'Eileen'
    folder.mkdir(parents=True)
    (folder / 'one.jpg').write_bytes(portrait)
    assert main(['faces', 'train', '--people', str(folder.parent)]) == 0
    client = serve(people=folder.parent)
    answer = send(client, portrait).json()
    assert [face['person'] for face in answer['faces']] == ['Eileen']
    assert client.get(f'/pictures/{answer["id"]}').json() == answer
    with pytest.raises(InputError, match='nowhere'):
        serve(people=tmp_path / 'nowhere')


@pytest.mark.parametrize('threshold', [0.0, 1.0])
def test_the_threshold_chooses_the_emotions_fear_too(client, portrait, threshold):
    face, = send(client, portrait, threshold=threshold).json()['faces']
    assert set(face['above_threshold']) == (set(EMOTIONS) if threshold == 0 else set())


@pytest.mark.parametrize('threshold', ['nan', 'inf', '-0.1', '1.1', 'much'])
def test_a_threshold_that_is_none_is_refused(client, portrait, threshold):
    reply = send(client, portrait, threshold=threshold)
    assert reply.status_code == 422
    assert reply.json()['detail'].startswith('threshold: ')


@pytest.mark.parametrize('body, status', [
    ('{"image": "", "threshold": NaN}', 422), ('{"image": 5}', 422), ('{}', 422), ('[]', 422),
    ('{"image": "aGVsbG8=", "file_name": "a\\u0000b"}', 422), ('{"image', 400), ('', 422),
    ('{"image": "aGVsbG8=", "file_name": "\\ud800"}', 422), ('{"image": "%%%"}', 400),
    ('{"image": "aGVsbG8="}', 415), ('{"image": ""}', 400), ('[' * 100000, 400)])
def test_a_broken_request_is_one_line(client, body, status):
    reply = client.post('/index', content=body, headers={'content-type': 'application/json'})
    assert reply.status_code == status, reply.text
    assert '\n' not in reply.json()['detail'] and len(reply.json()['detail']) < 300
    assert client.get('/pictures').json()['total'] == 0


def test_a_picture_without_a_face_is_an_answer_too(client):
    reply = send(client, encode('.png', np.full((200, 300, 3), 128, np.uint8)))
    assert (reply.status_code, reply.json()['faces']) == (201, [])
    assert client.get('/pictures').json()['total'] == 1
    assert client.get('/pictures?emotion=Neutral').json()['total'] == 0


def test_a_file_name_loses_its_folders_and_keeps_its_letters(client):
    gray = encode('.png', np.zeros((40, 40, 3), np.uint8))
    assert send(client, gray, 'C:\\me\\Zoë 雪.png').json()['file_name'] == 'Zoë 雪.png'
    assert send(client, gray, '../../etc/passwd').json()['file_name'] == 'passwd'
    assert send(client, gray, 'a' * 300).status_code == 422


def test_the_history_is_paged_from_the_newest_on(client):
    gray = encode('.png', np.zeros((40, 40, 3), np.uint8))
    for number in range(1, 6):
        send(client, gray, f'{number}.png')
    seen, before = [], ''
    while before is not None:
        page = client.get(f'/pictures?limit=2{before and f"&before={before}"}').json()
        assert page['total'] == 5
        seen += [each['file_name'] for each in page['pictures']]
        before = page['next_before']
    assert seen == ['5.png', '4.png', '3.png', '2.png', '1.png']


def test_the_history_is_filtered_by_emotion_and_time(client, portrait):
    start = datetime.now(timezone.utc)
    send(client, portrait, 'low.jpg', threshold=0.1)
    send(client, portrait, 'all.jpg', threshold=0)
    middle = datetime.now(timezone.utc)
    send(client, portrait, 'none.jpg', threshold=1)

    def names(**query):
        return [each['file_name'] for each in client.get('/pictures', params=query).json()[
            'pictures']]
    happy = send(client, portrait).json()['faces'][0]['emotion']
    assert names(emotion=happy)[1:] == ['all.jpg', 'low.jpg']
    assert names(emotion='Fear') == ['all.jpg']
    assert names(since=start.isoformat(), until=middle.isoformat()) == ['all.jpg', 'low.jpg']
    assert 'low.jpg' not in names(since=middle.isoformat())
    assert client.get('/pictures?emotion=joy').status_code == 422
    assert client.get('/pictures?since=yesterday').status_code == 422
    assert client.get('/pictures?since=0001-01-01T00:00:00%2B14:00').status_code == 422


@pytest.mark.parametrize('labels', [('Happy', 'Sad', 'Neutral', 'Bored', 'Keen'),
                                    (*EMOTIONS, 'Contempt')])
def test_a_model_of_other_emotions_is_answered_by_their_names(serve, portrait, tmp_path, labels):
    model = write_model(tmp_path / 'm.onnx', labels=labels, outputs=len(labels))
    client = serve(model=str(model))
    face, = send(client, portrait, threshold=0).json()['faces']
    assert set(face['probabilities']) == set(labels) and face['emotion'] in labels
    page = client.get('/pictures', params={'emotion': labels[-1]}).json()
    assert page['total'] == 1
    assert set(client.get('/emotions').json()['emotions']) == {*EMOTIONS, *labels}
    assert page['pictures'][0]['faces'] == [face]
    exported, = client.get('/export').json()['images'][0]['faces']
    assert labels[-1] in exported
    later = serve()
    assert later.get('/pictures', params={'emotion': labels[-1]}).json()['total'] == 1


def test_an_answer_that_is_hardly_probable_is_not_sure(serve, portrait, tmp_path):
    labels = [f'label {number}' for number in range(40)]
    flat = write_model(tmp_path / 'm.onnx', labels=labels, outputs=40, spread=0.002)
    assert send(serve(model=str(flat)), portrait).json()['faces'][0]['sure'] is False
    sharp = write_model(tmp_path / 'n.onnx')
    assert send(serve(model=str(sharp)), portrait).json()['faces'][0]['sure'] is True


def test_the_export_has_the_form_of_the_original(client, portrait):
    shares = send(client, portrait).json()['faces'][0]['probabilities']
    low, high = sorted(shares.values())[-3:-1]
    client.delete('/pictures')
    threshold = round((low + high) / 2, 4)
    answer = send_json(client, portrait, threshold=threshold, file_name='test.jpg').json()
    send(client, encode('.png', np.zeros((40, 40, 3), np.uint8)), 'wall.png')
    first, second = client.get('/export').json()['images']
    face, = first['faces']
    assert first == {'file_name': 'test.jpg', 'threshold': threshold, 'faces': [face]}
    assert face == {'face_id': 1, 'happiness': round(shares['Happy'], 2),
                    'neutral': round(shares['Neutral'], 2),
                    'bbox': answer['faces'][0]['bbox']}
    assert second == {'file_name': 'wall.png', 'threshold': 0.1, 'faces': []}
    assert client.get('/export?emotion=Fear').json() == {'images': []}


def test_one_or_all_can_be_deleted_and_ids_never_come_back(client):
    gray = encode('.png', np.zeros((40, 40, 3), np.uint8))
    ids = [send(client, gray).json()['id'] for _ in range(3)]
    assert client.delete(f'/pictures/{ids[2]}').json() == {'deleted': 1}
    assert client.delete(f'/pictures/{ids[2]}').status_code == 404
    assert client.get(f'/pictures/{ids[2]}').status_code == 404
    assert client.get(f'/pictures/{ids[0]}').json()['id'] == ids[0]
    assert client.delete('/pictures').json() == {'deleted': 2}
    assert client.get('/pictures').json() == {'pictures': [], 'total': 0, 'next_before': None}
    assert send(client, gray).json()['id'] > ids[2]


def test_health_counts(client, portrait):
    send(client, portrait)
    send(client, b'nothing')
    state = client.get('/health').json()
    assert (state['status'], state['pictures_answered'], state['faces_found']) == ('ok', 1, 1)
    assert state['busy'] == 0 < state['places']


def test_a_picture_with_too_many_pixels_is_refused(serve, portrait):
    from emorec_service.work_limits import WorkLimits
    reply = send(serve(work=WorkLimits(max_pixels=240 * 239)), portrait)
    assert reply.status_code == 413
    assert '240x240 px' in reply.json()['detail']
