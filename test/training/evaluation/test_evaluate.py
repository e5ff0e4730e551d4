# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions evaluate`, with a model that tells images by their mean gray level."""
import json
from pathlib import Path
from typing import Any

import cv2
from emorec_cli.main import main
from gray_images import gray_image
from gray_images import RIGHT
from gray_images import STEP
from gray_images import write_gray_csv
from gray_images import WRONG
import numpy as np
from onnx_models import write_model
import pytest

FILES = ['confusion.png', 'evaluation.json', 'mistakes.png', 'reliability.png']


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a model that is right on all but the mislabelled images."""
    return str(write_model(tmp_path_factory.mktemp('models') / 'brightness.onnx'))


@pytest.fixture(scope='module')
def gray_csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a csv of such images."""
    return str(write_gray_csv(tmp_path_factory.mktemp('data') / 'gray.csv'))


def _figures(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Return what `emorec emotions evaluate ... --json` prints."""
    assert main(['emotions', 'evaluate', *arguments, '--json']) == 0
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return figures


def test_the_report_ends_with_the_accuracy(
        model: str, gray_csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Official, and without the two images that have a copy in Training."""
    assert main(['emotions', 'evaluate', model, gray_csv]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == '24 images of PublicTest, labels: fer2013'
    assert lines[-1] == f'Accuracy on test set: {RIGHT / (RIGHT + WRONG):.1%}'
    assert lines[-3].startswith(f'{(RIGHT - 2) / (RIGHT - 2 + WRONG):.1%} (')
    assert lines[-3].endswith('without the 2 images that have a copy in Training')
    sad = next(line for line in lines if line.startswith('Sad'))
    assert sad.split() == ['Sad', '50.0%', '100.0%', '6']


def test_the_figures_are_written_whole(model: str, gray_csv: str, tmp_path: Path) -> None:
    """JSON and three images; the mistakes are named by row, label and answer."""
    assert main(['emotions', 'evaluate', model, gray_csv, '--out', str(tmp_path / 'new')]) == 0
    assert sorted(path.name for path in (tmp_path / 'new').iterdir()) == FILES
    for name in FILES:
        if name.endswith('.png'):
            assert cv2.imread(str(tmp_path / 'new' / name)).std() > 10, name
    figures = json.loads((tmp_path / 'new' / 'evaluation.json').read_text())
    assert np.trace(figures['confusion']) == RIGHT and figures['confusion'][4][3] == WRONG
    assert figures['confusion_shares'][4] == [0, 0, 0, 0.5, 0.5, 0, 0]
    assert {mistake['source'] for mistake in figures['mistakes']} == {
        'row 42', 'row 43', 'row 44'}
    for mistake in figures['mistakes']:
        assert (mistake['true'], mistake['predicted']) == ('Sad', 'Happy')
        assert mistake['probability'] > 0.9
    assert sum(part['pictures'] for part in figures['reliability']) == RIGHT + WRONG


def test_some_classes_are_measured_on_renormalised_probabilities(
        model: str, gray_csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the model gives to the other five labels is shared out, and the report says so."""
    figures = _figures(capsys, model, gray_csv, '--classes', 'Angry,Sad')
    assert figures['labels'] == ['Angry', 'Sad'] and figures['pictures'] == 3 + 3 + WRONG
    assert 'renormalised over the 2 asked for' in ' '.join(figures['notes'])
    assert '15 rows without such a label left out' in figures['notes']
    assert figures['accuracy'] == 1.0, 'Happy was no possible answer'


def test_a_model_of_fewer_labels_is_measured_on_its_own(
        gray_csv: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --classes; its columns are found by name."""
    few = write_model(tmp_path / 'few.onnx', ('Disgust', 'Angry'), outputs=2)
    figures = _figures(capsys, str(few), gray_csv)
    assert figures['labels'] == ['Angry', 'Disgust'] and figures['accuracy'] == 0.0


def test_augmentation_is_reported_beside_the_plain_figure(
        model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dark face in a bright frame looks like Happy whole and in corners, not in the centre."""
    framed = np.full((48, 48), 255, np.uint8)
    framed[3:-3, 3:-3] = 2 * STEP
    (tmp_path / 'Happy').mkdir()
    cv2.imwrite(str(tmp_path / 'Happy' / 'a.png'), framed)
    figures = _figures(capsys, model, str(tmp_path), '--tta', 'ten')
    assert figures['views'] == 'ten'
    assert figures['without_augmentation']['log_loss'] < 0.01
    assert figures['log_loss'] == pytest.approx(-np.log(4 / 5), abs=0.01)


def test_a_folder_of_images_is_measured_by_the_names_of_its_folders(
        model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other names of emotions are known; what is no label is ignored, and named."""
    rng = np.random.default_rng(0)
    for folder, level in (('happiness', 3), ('ANGRY', 0), ('contempt', 6)):
        (tmp_path / folder).mkdir()
        image = cv2.resize(gray_image(level * STEP, rng), (70, 90))
        cv2.imwrite(str(tmp_path / folder / 'a.png'), image)
    figures = _figures(capsys, model, str(tmp_path))
    assert figures['pictures'] == 2 and figures['accuracy'] == 1.0
    assert figures['without_leaked'] is None
    assert figures['notes'] == ['sub-folders that are none of the labels ignored: contempt']


def test_faces_are_detected_on_demand(
        model: str, tmp_path: Path, astronaut: np.ndarray,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The report counts the images without one, and has the figure without detection."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    for folder, image in (('Happy', gray), ('Sad', np.full((200, 300), 90, np.uint8))):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / 'a.png'), image)
    assert main(['emotions', 'evaluate', model, str(tmp_path), '--detect']) == 0
    out = capsys.readouterr().out
    assert 'no face found in 1 of 2 images' in out and 'same images uncropped' in out


@pytest.mark.parametrize('arguments, message', [
    (['nowhere.onnx', 'CSV'], 'there is no emotion model at nowhere.onnx'),
    (['CSV', 'CSV'], 'name a .keras or .onnx file'),
    (['MODEL', 'nowhere.csv'], 'nowhere.csv: cannot be read'),
    (['MODEL', '.'], 'no images in sub-folders named'),
    (['MODEL', '.', '--split', 'training'], 'belong to the csv'),
    (['MODEL', 'CSV', '--classes', 'Happy,Bored'], "'Bored' is none of"),
    (['MODEL', 'CSV', '--labels', 'ferplus'], 'needs the votes'),
    (['MODEL', 'CSV', '--detect'], 'finds no face in any of its 24 images'),
    (['MODEL', 'CSV', '--out', 'CSV/new'], 'cannot be made'),
    (['MODEL', 'CSV', '--out', '/proc'], '/proc cannot be written to'),
    *((['MODEL', where, '--classes', classes], '--classes: name at least two different')
      for where in ('.', 'CSV') for classes in (',', 'Happy', 'Happy,Happy,Sad')),
])
def test_bad_input_gets_one_line(
        model: str, gray_csv: str, tmp_path: Path, arguments: list[str], message: str,
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, exit status 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    named = [part.replace('CSV', gray_csv).replace('MODEL', model) for part in arguments]
    assert main(['emotions', 'evaluate', *named]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith('emorec: ') and errors.count('\n') == 1 and message in errors
    assert list(tmp_path.iterdir()) == []
