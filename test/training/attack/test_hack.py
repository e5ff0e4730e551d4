# SPDX-License-Identifier: Apache-2.0
"""`emorec hack`: one attack with images, and the table of all pairs of emotions."""
import json
from pathlib import Path

import cv2
from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
from emorec_training.evaluation.predictor import open_predictor
from emorec_vision.emotions import EMOTIONS
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('tensorflow', reason='exporting needs TensorFlow')


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run `emorec hack` and return its status, output and complaint."""
    status = main(['hack', *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_the_images_show_what_was_done(
        capsys: pytest.CaptureFixture[str], exported_run: Path, tiny_csv: Path,
        tmp_path: Path) -> None:
    """Before, after, the difference and the probabilities."""
    out = tmp_path / 'out'
    predict = open_predictor(exported_run)
    images = load_csv(tiny_csv).split('public').images
    source = EMOTIONS[predict(images)[0].argmax()]
    wanted = EMOTIONS[(EMOTIONS.index(source) + 1) % 7]
    image = tmp_path / 'face.png'
    cv2.imwrite(str(image), images[0])
    status, text, _ = run(capsys, image, '--from', source, '--to', wanted, '--model', exported_run,
                          '--largest', 128, '--steps', 10, '--out', out)
    assert status == 0 and f'{source} ' in text and f'-> {wanted} ' in text
    before, after = (cv2.imread(str(out / f'{name}_image.png'), cv2.IMREAD_UNCHANGED)
                     for name in ('input', 'hacked'))
    assert (before == images[0]).all() and after.shape == (48, 48)
    assert EMOTIONS[predict(after[None])[0].argmax()] == wanted
    assert cv2.imread(str(out / 'difference.png')).shape[:2] == (384, 384)
    assert cv2.imread(str(out / 'probabilities.png')) is not None


def test_the_report_counts_every_pair(
        capsys: pytest.CaptureFixture[str], exported_run: Path, tiny_csv: Path,
        tmp_path: Path) -> None:
    """As a table, JSON and a figure."""
    status, text, _ = run(capsys, '--data', tiny_csv, '--report', '--pictures', 7, '--steps', 2,
                          '--largest', 8, '--model', exported_run, '--out', tmp_path)
    assert status == 0 and text.startswith('| from \\ to | Angry |')
    figures = json.loads((tmp_path / 'robustness.json').read_text())
    tried = np.array(figures['tried'])
    assert figures['attacks'] == tried.sum() > 0 and not tried.diagonal().any()
    assert (np.array(figures['fooled']) <= tried).all()
    assert cv2.imread(str(tmp_path / 'robustness.png')) is not None


@pytest.mark.parametrize('arguments, complaint', [
    (['--from', 'Joy'], "'Joy' is no emotion"),
    (['--from', 'Sad', '--to', 'Sad'], '--from and --to are both Sad'),
    (['--report'], '--report needs --data'),
    (['a.png', '--data', 'b.csv'], 'name either IMAGE or --data'),
    (['missing.png'], 'cannot read the image missing.png'),
    (['--model', 'missing.onnx'], 'there is no emotion model at missing.onnx')])
@pytest.mark.usefixtures('full_network')
def test_bad_input_gets_one_line(
        capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str],
        complaint: str) -> None:
    """No traceback, exit status 2."""
    status, text, error = run(capsys, *arguments, '--out', tmp_path / 'out')
    assert (status, text) == (2, '')
    assert complaint in error and error.strip().count('\n') == 0


def test_an_image_that_is_called_something_else_is_refused(
        capsys: pytest.CaptureFixture[str], exported_run: Path, tiny_csv: Path,
        tmp_path: Path) -> None:
    """The line says what it is called."""
    image = load_csv(tiny_csv).split('public').images[0]
    said = EMOTIONS[open_predictor(exported_run)(image[None])[0].argmax()]
    other = EMOTIONS[(EMOTIONS.index(said) + 1) % 7]
    cv2.imwrite(str(tmp_path / 'face.png'), image)
    status, _, error = run(capsys, tmp_path / 'face.png', '--from', other, '--to', said,
                           '--model', exported_run, '--out', tmp_path / 'out')
    assert status == 2 and f'give --from {said}' in error
