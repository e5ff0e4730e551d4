# SPDX-License-Identifier: Apache-2.0
"""Training goes on from what was exported."""
from collections.abc import Sequence
import dataclasses
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.config import NetworkConfig
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from fer_csv import TRAIN_FLAGS
import numpy as np
from onnx_models import write_model
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


def save_random(folder: Path, labels: Sequence[str]) -> Path:
    """Write the folder of a run whose network has random weights."""
    from emorec_training.networks import build_network
    rng = np.random.default_rng(0)
    network = build_network(NetworkConfig())
    network.set_weights([rng.uniform(0.5, 1.5, part.shape) if part.ndim == 1 else part
                         for part in network.get_weights()])
    folder.mkdir()
    network.save(folder / 'model.keras')
    (folder / 'result.json').write_text(json.dumps({'labels': list(labels)}))
    return folder


def test_a_network_comes_back_from_its_onnx_file(
        exported_run: Path, trained_run: Path, tiny_csv: Path) -> None:
    """Logits are those of the Keras network."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.evaluation import predictor
    from emorec_training.export.onnx_weights import load_network
    images = load_csv(tiny_csv).split('public').images
    gray = images[..., None].astype(np.float32)
    before = predictor.load_keras(trained_run).predict_on_batch(gray)
    after = load_network(exported_run).predict_on_batch(gray)
    assert np.abs(before - after).max() < 1e-3 * np.abs(before).max()


def test_an_eight_bit_network_comes_back_rounded(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """Its first convolution was written for several pixels at once."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.evaluation import predictor
    from emorec_training.export import onnx_graph
    from emorec_training.export.keras_to_onnx import convert
    from emorec_training.export.onnx_weights import load_network
    from emorec_training.export.quantize import quantize
    data = load_csv(tiny_csv)
    network = predictor.load_keras(trained_run)
    part, _ = quantize(convert(network), data.split('training').images)
    model = onnx_graph.combine([part], len(EMOTIONS))
    about = {'networks': '["compact_resnet"]', 'labels': json.dumps(EMOTIONS)}
    onnx_graph.save(model, about, tmp_path / 'small.onnx')
    gray = data.split('public').images[..., None].astype(np.float32)
    before = network.predict_on_batch(gray)
    after = load_network(tmp_path / 'small.onnx').predict_on_batch(gray)
    assert 0 < np.abs(before - after).max() < 0.1 * np.abs(before).max()


def test_efficientnet_answers_in_onnx_as_in_keras_but_is_not_taken_back(tmp_path: Path) -> None:
    """Enlarging is the same in both; the line names the network and what to give instead."""
    from emorec_training.data.dataset import SIDE
    from emorec_training.evaluation.metrics import softmax
    from emorec_training.export import onnx_graph
    from emorec_training.export.keras_to_onnx import convert
    from emorec_training.export.onnx_weights import load_network
    from emorec_training.networks import build_network
    rng = np.random.default_rng(0)
    network = build_network(NetworkConfig('efficientnet_lite0'))
    network.set_weights([rng.uniform(0.5, 1.5, part.shape) if part.ndim == 1 else part
                         for part in network.get_weights()])
    model = onnx_graph.combine([convert(network)], len(EMOTIONS))
    images = rng.integers(0, 256, (3, SIDE, SIDE)).astype(np.uint8)
    expected = softmax(network.predict_on_batch(images[..., None].astype(np.float32)))
    assert np.ptp(expected) > 1e-3
    assert np.abs(onnx_graph.run_onnx(model, images) - expected).max() < 1e-5
    onnx_graph.save(model, {'networks': '["efficientnet_lite0"]', 'labels': json.dumps(EMOTIONS)},
                    tmp_path / 'lite.onnx')
    with pytest.raises(InputError, match='weights of efficientnet_lite0 cannot be taken back'):
        load_network(tmp_path / 'lite.onnx')


def test_a_file_that_was_not_exported_by_us_is_refused(tmp_path: Path) -> None:
    """It says nothing of its networks."""
    from emorec_training.export.onnx_weights import load_network
    with pytest.raises(InputError, match='was not written by "emorec emotions export"'):
        load_network(write_model(tmp_path / 'other.onnx'))


def test_batch_normalisation_comes_back_with_the_same_answers() -> None:
    """What was worked into the convolutions is measured again, so that training may go on."""
    from emorec_training.export.onnx_weights import restore_batch_norm
    from emorec_training.networks import build_network
    rng = np.random.default_rng(0)
    network = build_network(NetworkConfig(dropout=0.0))
    norms = [layer for layer in network.layers
             if isinstance(layer, keras.layers.BatchNormalization)]
    for norm in norms:  # as load_network leaves them: unit statistics, whatever comes
        ones = np.ones(norm.gamma.shape)
        norm.set_weights([ones, rng.normal(0, 0.5, ones.shape), 0 * ones, ones - norm.epsilon])
    images = rng.integers(0, 256, (96, 48, 48)).astype(np.uint8)
    gray = images[..., None].astype(np.float32)
    expected, before = network.predict_on_batch(gray), network.get_weights()
    lost = np.asarray(network(gray, training=True))
    network.set_weights(before)
    restore_batch_norm(network, images)
    answers = network.predict_on_batch(gray)
    assert np.abs(answers - expected).max() < 1e-3 * np.ptp(expected)
    trained = np.asarray(network(gray, training=True))
    assert np.abs(trained - expected).max() < 0.05 * np.ptp(expected)
    assert np.abs(lost - expected).max() > 0.2 * np.ptp(expected)


def test_labels_in_another_order_stay_with_their_outputs(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`open_predictor` puts the seven emotions in our order; what is taken back has its own."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.data.labels import LabelChoice
    from emorec_training.evaluation.predictor import open_predictor
    from emorec_training.export.onnx_weights import starting_weights
    order = ('Neutral', 'Happy', 'Sad', 'Angry', 'Fear', 'Disgust', 'Surprise')
    public = LabelChoice(classes=order).split(load_csv(tiny_csv), 'public')
    run = save_random(tmp_path / 'run', order)
    first, second, third = (tmp_path / f'{name}.onnx' for name in ('first', 'second', 'third'))
    export = ['emotions', 'export']
    words = [str(tiny_csv), '--classes', ','.join(order), '--out']
    assert main([*export, str(run), *words, str(first)]) == 0
    assert main([*export, str(first), *words, str(second)]) == 0
    assert main([*export, str(first), str(tiny_csv), '--out', str(third)]) == 2
    assert 'tells Neutral, Happy, Sad, Angry' in capsys.readouterr().err
    answers = open_predictor(first)(public.images)
    assert open_predictor(second)(public.images) == pytest.approx(answers, abs=1e-3)
    weights = starting_weights(first, public.images, EMOTIONS)
    kept = starting_weights(run, public.images, EMOTIONS)
    assert weights[-2] == pytest.approx(kept[-2], abs=1e-5)


def test_training_goes_on_from_an_exported_file(
        trained_run: Path, exported_run: Path, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Without steps worth the name it is as good as it was; a foreign file is refused."""
    command = ['emotions', 'train', str(tiny_csv), *TRAIN_FLAGS, '--epochs', '1', '--lr', '1e-8',
               '--start-from']
    assert main([*command, str(exported_run), '--out', str(tmp_path / 'on')]) == 0
    was, now = (json.loads((folder / 'result.json').read_text())['accuracy']
                for folder in (trained_run, tmp_path / 'on'))
    assert now == pytest.approx(was, abs=0.1)
    other = write_model(tmp_path / 'other.onnx')
    assert main([*command, str(other), '--out', str(tmp_path / 'off')]) == 2
    assert 'was not written by "emorec emotions export"' in capsys.readouterr().err


@pytest.mark.parametrize('classes', ['Surprise,Neutral,Happy,Sad,Angry,Disgust,Fear',
                                     'Neutral,Happy,Sad'])
def test_training_goes_on_with_other_classes(
        trained_run: Path, exported_run: Path, tiny_csv: Path, tmp_path: Path,
        classes: str) -> None:
    """In another order, or with some of them, what was learnt about each is kept."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.data.labels import LabelChoice
    from emorec_training.evaluation.predictor import open_predictor
    names = tuple(classes.split(','))
    public = LabelChoice(classes=names).split(load_csv(tiny_csv), 'public')
    known = open_predictor(trained_run)
    columns = [known.labels.index(name) for name in names]
    expected = (known(public.images)[:, columns].argmax(axis=1) == public.labels).mean()
    for number, start in enumerate((trained_run, exported_run)):
        folder = tmp_path / str(number)
        assert main(['emotions', 'train', str(tiny_csv), *TRAIN_FLAGS, '--epochs', '1', '--lr',
                     '1e-8', '--out', str(folder), '--start-from', str(start), '--classes',
                     classes]) == 0
        result = json.loads((folder / 'result.json').read_text())
        assert result['labels'] == list(names)
        assert result['accuracy'] > expected - 0.15  # mixed up, it is at chance or below


@pytest.mark.parametrize('network', ['compact_resnet', 'mini_xception'])
def test_a_new_label_begins_with_zeros(network: str, tmp_path: Path) -> None:
    """Its logit is 0, those that were known stay, the last layer being dense or not."""
    from emorec_training.export.onnx_weights import starting_weights
    from emorec_training.networks import build_network
    config = NetworkConfig(name=network, dropout=0.0)
    before, after = build_network(config), build_network(
        dataclasses.replace(config, classes=3))
    before.save(tmp_path / 'model.keras')
    images = np.random.default_rng(0).integers(0, 256, (4, 48, 48)).astype(np.uint8)
    after.set_weights(
        starting_weights(tmp_path / 'model.keras', images, ('Happy', 'Tired', 'Angry')))
    gray = images[..., None].astype(np.float32)
    was, now = before.predict_on_batch(gray), after.predict_on_batch(gray)
    np.testing.assert_allclose(now[:, [0, 2]], was[:, [3, 0]], atol=1e-5)
    assert np.ptp(was) > 0 and not now[:, 1].any()


def test_all_networks_of_an_exported_file_are_averaged_with_others(
        exported_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """Each comes back with its own weights, and the next file holds them all."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.evaluation.predictor import load_keras
    from emorec_training.evaluation.predictor import open_predictor
    from emorec_training.export.onnx_weights import load_networks
    random = load_keras(save_random(tmp_path / 'random', EMOTIONS))
    pair, three = tmp_path / 'pair.onnx', tmp_path / 'three.onnx'
    for sources, target in (([exported_run, tmp_path / 'random'], pair),
                            ([pair, exported_run], three)):
        assert main(['emotions', 'export', *map(str, sources), str(tiny_csv), '--out',
                     str(target)]) == 0
    gray = load_csv(tiny_csv).split('public').images[..., None].astype(np.float32)
    one, other, again = (each.predict_on_batch(gray) for each in load_networks(three))
    assert one == pytest.approx(again, abs=1e-3) and np.abs(one - other).max() > 0.1
    expected = random.predict_on_batch(gray)
    assert other == pytest.approx(expected, abs=1e-3 * np.abs(expected).max())
    assert open_predictor(three).labels == EMOTIONS
