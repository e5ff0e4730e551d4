# SPDX-License-Identifier: Apache-2.0
"""The benchmark times the same work in turn; how fast anything is, is not tested here."""
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
from emorec_vision.errors import InputError
from onnx_models import write_model
import pytest
from small_networks import save_run

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
onnx = pytest.importorskip('onnx', reason='the training extra (onnx) is not installed')
benchmark = pytest.importorskip('emorec_training.export.benchmark')


def named(path: Path, **metadata: str) -> Path:
    """Write a small ONNX model with more metadata."""
    model = onnx.load(write_model(path))
    labels = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**labels, **metadata})
    onnx.save(model, path)
    return path


def test_all_take_turns_with_the_same_faces() -> None:
    """Every call is made as often, none twice in a row, and each size has its own batch."""
    log: list[tuple[str, tuple[int, ...]]] = []
    calls = {name: (lambda faces, name=name: log.append((name, faces.shape)))
             for name in ('a', 'b', 'c')}
    medians = benchmark.time_alternately(calls, (1, 10), 6)
    assert {size: set(row) for size, row in medians.items()} == {1: set('abc'), 10: set('abc')}
    timed = log[benchmark.WARM_UP_RUNS * 6:]
    assert len(timed) == 36
    for name in 'abc':
        for size in (1, 10):
            assert timed.count((name, (size, 48, 48))) == 6
    rounds = [timed[start:start + 6] for start in range(0, 36, 6)]
    assert all(len(set(each)) == 6 for each in rounds)
    assert len({each[0] for each in rounds}) == 6, 'each begins a round once'


def test_the_table_and_the_json_hold_the_same_figures(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The factors are those of the medians, against the Keras files that are given."""
    run = save_run(tmp_path / 'run', load_csv(tiny_csv).split('training'))
    model = named(tmp_path / 'm.onnx', mirrored='true', precision='int8')
    out = tmp_path / 'new' / 'speed.json'
    assert main(['emotions', 'benchmark', str(model), '--keras', str(run), '--runs', '2',
                 '--faces', '3', '1', '--json', '--out', str(out)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert json.loads(out.read_text()) == figures
    assert (figures['runs'], figures['precision']) == (2, 'int8')
    assert [row['faces'] for row in figures['times']] == [3, 1]
    for row in figures['times']:
        assert row['times_faster_than_predict'] == pytest.approx(
            row['keras_predict_ms'] / row['onnx_ms'])
    assert '2 runs in turn' in benchmark.format_table(figures)


def test_the_networks_are_those_that_the_metadata_names(tmp_path: Path) -> None:
    """An average of two is two networks in Keras as well, with as many labels."""
    metadata = {'name': 'x', 'networks': json.dumps(['compact_resnet', 'original']),
                'labels': json.dumps(list('abcde'))}
    from emorec_training.export.keras_to_onnx import average
    networks = benchmark.same_networks(tmp_path, metadata)
    assert [network.name for network in networks] == ['compact_resnet', 'original']
    assert average(networks, True).output_shape == (None, 5)


def test_a_network_of_other_labels_is_not_what_it_was_made_from(
        tiny_csv: Path, tmp_path: Path) -> None:
    """Times of something else would stand beside those of the file."""
    from emorec_training.data.labels import LabelChoice
    three = LabelChoice(classes=('Happy', 'Sad', 'Angry')).split(load_csv(tiny_csv), 'training')
    run = save_run(tmp_path / 'run', three)
    with pytest.raises(InputError, match='tells 7 labels apart, .* --keras 3: it was not'):
        benchmark.benchmark(write_model(tmp_path / 'm.onnx'), [run], 1)


def test_a_model_of_unknown_networks_asks_for_the_keras_file(tmp_path: Path) -> None:
    """What cannot be built anew has to be named."""
    with pytest.raises(InputError, match='with --keras'):
        benchmark.benchmark(write_model(tmp_path / 'm.onnx'), [], 1)


@pytest.mark.parametrize('arguments, told', [
    (['none.onnx'], 'there is no emotion model at none.onnx'),
    (['none.onnx', '--runs', '0'], '--runs'), (['none.onnx', '--faces', '0'], '--faces'),
    (['none.onnx', '--faces', 'two'], 'two is not a whole number of 1 or more')])
def test_bad_input_is_one_line(
        arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file and a count of nothing end with status 2."""
    try:
        status = main(['emotions', 'benchmark', *arguments])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert told in capsys.readouterr().err
