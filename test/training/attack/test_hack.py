# SPDX-License-Identifier: Apache-2.0
"""Small changes that fool a network: found, as small as possible, and written as images."""
import json
from pathlib import Path

import cv2
from emorec_cli.main import main
from emorec_vision.emotions import EMOTIONS
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('tensorflow', reason='exporting needs TensorFlow')


@pytest.fixture
def model(exported_run: Path) -> Path:
    """Return the exported network of the small run."""
    return exported_run


def run(capsys, *arguments: object) -> tuple[int, str, str]:
    """Run `emorec hack` and return its status, output and complaint."""
    status = main(['hack', *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_network_comes_back_from_its_onnx_file(model, trained_run, tiny_csv):
    from emorec_training.data.dataset import load_csv
    from emorec_training.evaluation import predictor
    from emorec_training.export.onnx_weights import load_network
    images = load_csv(tiny_csv).split('public').images
    gray = images[..., None].astype(np.float32)
    before = predictor.load_keras(trained_run).predict_on_batch(gray)
    after = load_network(model).predict_on_batch(gray)
    assert np.abs(before - after).max() < 1e-3 * np.abs(before).max()


def test_an_eight_bit_network_comes_back_rounded(trained_run, tiny_csv, tmp_path):
    """Its first convolution was written for several pixels at once."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.evaluation import predictor
    from emorec_training.export import export
    from emorec_training.export import onnx_graph
    from emorec_training.export.onnx_weights import load_network
    data = load_csv(tiny_csv)
    network = predictor.load_keras(trained_run)
    _, parts = export._quantize([export._convert(network)], data)
    model = onnx_graph.combine(parts, len(EMOTIONS))
    about = {'networks': '["compact_resnet"]', 'labels': json.dumps(EMOTIONS)}
    onnx_graph.save(model, about, tmp_path / 'small.onnx')
    gray = data.split('public').images[..., None].astype(np.float32)
    before = network.predict_on_batch(gray)
    after = load_network(tmp_path / 'small.onnx').predict_on_batch(gray)
    assert 0 < np.abs(before - after).max() < 0.1 * np.abs(before).max()


def test_a_file_that_was_not_exported_by_us_is_refused(tmp_path):
    from emorec_training.export.onnx_weights import load_network
    from emorec_vision.errors import InputError
    from onnx_models import write_model
    with pytest.raises(InputError, match='was not written by "emorec emotions export"'):
        load_network(write_model(tmp_path / 'other.onnx'))


def test_the_change_is_the_smallest_that_the_attack_finds(model, tiny_csv):
    from emorec_training.attack.hack import Target
    from emorec_training.data.dataset import load_csv
    target = Target(model)
    images = load_csv(tiny_csv).split('public').images[:2]
    wanted = (target.predict(images).argmax(axis=1) + 1) % len(EMOTIONS)
    attacker = target.attacker(2, 10)
    found = attacker.smallest(images, wanted, 128)
    assert (found.budgets > 0).all(), 'half of all gray levels fool any network'
    changes = np.abs(found.images.astype(int) - images).max(axis=(1, 2))
    assert (changes <= found.budgets).all() and (changes > 0).all()
    assert (target.predict(found.images).argmax(axis=1) == wanted).all()
    again = attacker.smallest(images, wanted, int(found.budgets.max()))
    assert (again.budgets > 0).sum() >= 1
    assert not attacker.smallest(images, wanted, 1).budgets[found.budgets > 1].any()


def test_the_images_show_what_was_done(capsys, model, tiny_csv, tmp_path):
    from emorec_training.evaluation import predictor
    out = tmp_path / 'out'
    predict = predictor.open_predictor(model)
    from emorec_training.data.dataset import load_csv
    images = load_csv(tiny_csv).split('public').images
    source = EMOTIONS[predict(images)[0].argmax()]
    wanted = EMOTIONS[(EMOTIONS.index(source) + 1) % 7]
    image = tmp_path / 'face.png'
    cv2.imwrite(str(image), images[0])
    status, text, _ = run(capsys, image, '--from', source, '--to', wanted, '--model', model,
                          '--largest', 128, '--steps', 10, '--out', out)
    assert status == 0 and f'{source} ' in text and f'-> {wanted} ' in text
    before, after = (cv2.imread(str(out / f'{name}_image.png'), cv2.IMREAD_UNCHANGED)
                     for name in ('input', 'hacked'))
    assert (before == images[0]).all() and after.shape == (48, 48)
    assert EMOTIONS[predict(after[None])[0].argmax()] == wanted
    assert cv2.imread(str(out / 'difference.png')).shape[:2] == (384, 384)
    assert cv2.imread(str(out / 'probabilities.png')) is not None


def test_the_report_counts_every_pair(capsys, model, tiny_csv, tmp_path):
    status, text, _ = run(capsys, '--data', tiny_csv, '--report', '--pictures', 7, '--steps', 2,
                          '--largest', 8, '--model', model, '--out', tmp_path)
    assert status == 0 and text.startswith('| from \\ to | Angry |')
    figures = json.loads((tmp_path / 'robustness.json').read_text())
    tried = np.array(figures['tried'])
    assert figures['attacks'] == tried.sum() > 0 and not tried.diagonal().any()
    assert (np.array(figures['fooled']) <= tried).all()
    assert cv2.imread(str(tmp_path / 'robustness.png')) is not None


@pytest.mark.parametrize(('arguments', 'complaint'), [
    (['--from', 'Joy'], "'Joy' is no emotion"),
    (['--from', 'Sad', '--to', 'Sad'], '--from and --to are both Sad'),
    (['--report'], '--report needs --data'),
    (['a.png', '--data', 'b.csv'], 'name either IMAGE or --data'),
    (['missing.png'], 'cannot read the image missing.png'),
    (['--model', 'missing.onnx'], 'there is no emotion model at missing.onnx')])
def test_bad_input_gets_one_line(capsys, tmp_path, arguments, complaint):
    status, text, error = run(capsys, *arguments, '--out', tmp_path / 'out')
    assert (status, text) == (2, '')
    assert complaint in error and error.strip().count('\n') == 0


def test_a_image_that_is_called_something_else_is_refused(capsys, model, tiny_csv, tmp_path):
    from emorec_training.data.dataset import load_csv
    from emorec_training.evaluation import predictor
    image = load_csv(tiny_csv).split('public').images[0]
    said = EMOTIONS[predictor.open_predictor(model)(image[None])[0].argmax()]
    other = EMOTIONS[(EMOTIONS.index(said) + 1) % 7]
    cv2.imwrite(str(tmp_path / 'face.png'), image)
    status, _, error = run(capsys, tmp_path / 'face.png', '--from', other, '--to', said,
                           '--model', model, '--out', tmp_path / 'out')
    assert status == 2 and f'give --from {said}' in error
