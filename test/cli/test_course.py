# SPDX-License-Identifier: Apache-2.0
"""`emorec course` on a few drawn images: every file of the course, and bad input."""
import argparse
from pathlib import Path
import shutil
import subprocess
import sys

import cv2
from emorec_cli.main import main
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.reader.stills import StillFaces
from emorec_vision.sources.demo.portrait import load_portrait
import fer_csv
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with train.csv and test.csv as the course hands them out."""
    folder = tmp_path / 'data'
    folder.mkdir()
    rows = [row for seed in range(3) for row in fer_csv.make_rows(seed) if row[2] == 'Training']
    fer_csv.write_csv(folder / 'train.csv', rows, 'emotion,pixels')
    fer_csv.write_kaggle(folder / 'test.csv', ('PublicTest',))
    return folder


def test_training_writes_model_curves_and_architecture(
        data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The accuracy stands in a line of its own; the second call measures what is there."""
    from emorec_training.course import plan
    settings = {'network.name': 'compact_resnet', 'training.epochs': 2,
                'training.batch_size': 32, 'training.patience': 5}
    monkeypatch.setattr(plan, 'plan_for', lambda *_: plan.Plan(settings, 'It is short.'))
    out = tmp_path / 'results'
    for part in ('train', 'predict'):
        assert main(['course', '--data', str(data), '--out', str(out), '--only', part]) == 0
    assert 'Accuracy on test set: ' in capsys.readouterr().out
    for name in ('final_emotion_model.keras', 'final_emotion_model.onnx',
                 'evaluation/confusion.png'):
        assert (out / name).stat().st_size > 1000
    for name in ('tensorboard.png', 'learning_curves.png'):
        height, width = cv2.imread(str(out / name)).shape[:2]
        assert width >= 1000 and height >= 400
    text = (out / 'my_own_model_architecture.txt').read_text()
    assert 'Why this network' in text and 'It is short.' in text and '<- kept' in text
    assert '…' not in text and 'Param #' in text and 'Connected to' in text
    assert 'trainable parameters' in text


def test_shipped_model_is_hacked_and_video_is_cut(
        data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twenty faces of 48 px come from the demo's video, and the hack can be looked at."""
    out = tmp_path / 'results'
    out.mkdir()
    shutil.copy(model_path(''), out / 'final_emotion_model.onnx')
    face = StillFaces(EmotionModel(model_path(''))).predict(load_portrait())[0].crop
    pixels = ' '.join(map(str, face.ravel()))
    fer_csv.write_csv(data / 'test.csv', [('3', pixels, '')], 'emotion,pixels')
    for part in ('preprocess', 'hack'):
        assert main(['course', '--data', str(data), '--out', str(out), '--only', part]) == 0
    assert 'Sad' in capsys.readouterr().out
    crops = sorted((out / 'preprocessing_test').glob('image*.png'))
    assert len(crops) in (20, 21)
    assert {cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape for path in crops} == {(48, 48)}
    assert (out / 'preprocessing_test' / 'input_video.mp4').stat().st_size > 10000
    small, large = (cv2.imread(str(out / 'hack_cnn' / name), cv2.IMREAD_GRAYSCALE)
                    for name in ('hacked_image.png', 'hacked_image_large.png'))
    assert large.shape == (480, 480) and (large[5::10, 5::10] == small).all()


@pytest.mark.parametrize('arguments, message', [
    (['--data', 'nowhere'], '--data nowhere: no such folder'),
    (['--data', 'EMPTY'], 'train.csv, to learn from, is missing'),
    (['--data', 'DATA', '--video', 'no.mp4'], 'there is no video file no.mp4'),
    (['--data', 'DATA', '--out', '/proc'], '/proc cannot be written to'),
    (['--data', 'DATA', '--only', 'predict'], '--only predict: results/final_emotion_model.onnx'),
    (['--data', 'UNLABELLED'], 'has no column emotion'),
])
def test_bad_input_is_named_before_keras_is_loaded(
        data: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    """One line, exit status 2, and TensorFlow was not imported."""
    (tmp_path / 'empty').mkdir()
    unlabelled = tmp_path / 'unlabelled'
    shutil.copytree(data, unlabelled)
    (unlabelled / 'test.csv').write_text('pixels\n1 2 3\n')
    names = {'DATA': data, 'EMPTY': tmp_path / 'empty', 'UNLABELLED': unlabelled}
    given = [str(names.get(part, part)) for part in arguments]
    code = ('import sys; from emorec_cli.main import main; status = main(sys.argv[1:]); '
            'assert not {"keras", "tensorflow", "torch"} & set(sys.modules); sys.exit(status)')
    done = subprocess.run([sys.executable, '-c', code, 'course', *given], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count('\n') == 1, done.stderr
    assert done.stderr.startswith('emorec') and message in done.stderr
    assert not (tmp_path / 'results').exists()


@pytest.mark.parametrize('text, expected', [
    ('20 minutes', 20), ('20', 20), ('2 hours', 120), ('1h', 60), ('30 s', 0.5),
    ('overnight', 480)])
def test_time_is_read_as_people_write_it(text: str, expected: float) -> None:
    """The answer is in minutes."""
    from emorec_cli.course import minutes
    assert minutes(text) == pytest.approx(expected)


@pytest.mark.parametrize('text', ['soon', '', '-5', '20 parsecs', 'nan', '1e9'])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The complaint quotes it."""
    from emorec_cli.course import minutes
    with pytest.raises(argparse.ArgumentTypeError, match='is no time'):
        minutes(text)
