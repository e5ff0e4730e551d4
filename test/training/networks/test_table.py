# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions networks`: costs, claims and what was measured here."""
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.presets import PRESETS
from emorec_vision.errors import InputError
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
HEADER = 'network,labels,seed,epochs,machine,minutes,public_accuracy,command'
ROWS = (f'{HEADER}\n'
        'vgg13,ferplus,1,50,one H200,9.5,0.80,emorec emotions train a.csv --network vgg13\n'
        'vgg13,ferplus,2,50,one H200,9.4,0.82,emorec emotions train a.csv --network vgg13\n'
        'vgg13,fer2013,1,50,one H200,9.3,0.7,emorec emotions train a.csv --network vgg13\n')


def write(folder: Path, text: str) -> Path:
    """Write a table of measurements."""
    path = folder / 'measured.csv'
    path.write_text(text)
    return path


def test_the_figures_measured_here_are_listed_with_commands_that_exist() -> None:
    """Whoever adds a row says how to repeat it."""
    from emorec_training.networks.table import MEASURED
    from emorec_training.networks.table import read_measured
    for one in read_measured(MEASURED):
        assert one.command.startswith('emorec emotions ')
        assert one.labels and one.machine and one.minutes > 0 and one.epochs > 0


def test_the_command_lists_every_network_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Sizes and claims are there; without timing there are no times."""
    assert main(['emotions', 'networks', '--no-timing', '--json']) == 0
    rows = {row['network']: row for row in json.loads(capsys.readouterr().out)}
    assert {name.split()[0] for name in rows} == set(PRESETS)
    assert rows['original']['parameters'] == 3_392_615
    assert rows['original --kernel-size 3']['parameters'] == 2_346_247
    assert rows['original --kernel-size 5']['multiply_adds'] == 142_982_656
    assert rows['custom_net']['claim']['accuracy'] == 0.7803
    assert rows['compact_resnet']['claim'] is None
    assert all(row['milliseconds'] is None for row in rows.values())


def test_the_table_tells_means_over_seeds_and_what_was_not_trained(tmp_path: Path) -> None:
    """Kinds of labels are never averaged together."""
    from emorec_training.networks.table import format_table
    from emorec_training.networks.table import network_table
    text = format_table(network_table(0, write(tmp_path, ROWS)))
    lines = {line.split()[0]: line for line in text.split('\n\n')[0].splitlines()}
    assert lines['vgg13'].endswith('85.0%    81.0% (ferplus, 50 epochs, 2 seeds, one H200)')
    assert lines['70.0%'].endswith('  70.0% (fer2013, 50 epochs, 1 seed, one H200)')
    assert lines['70.0%'].index('70.0%') == lines['vgg13'].index('81.0%')
    assert lines['mini_xception'].endswith('-  66.0%    not trained here')
    assert 'mini_xception: 66.0% on both test splits (github.com/oarriaga' in text


@pytest.mark.parametrize('text, message', [
    ('network,accuracy\n', 'the first line must be network,labels,seed'),
    (f'{HEADER}\nvgg13,ferplus,one,50,here,1,0.8,x\n', 'line 2: invalid literal'),
    (f'{HEADER}\nvgg13,ferplus,1\n', 'line 2: '),
    (f'{HEADER}\nalexnet,ferplus,1,50,here,1,0.8,x\n', "line 2: expected one of .*'alexnet'"),
    (f'{HEADER}\nvgg13,ferplus,1,50,here,1,80,x\n', 'line 2: .* accuracy of 0 to 1.* and 80')])
def test_a_wrong_row_is_named_by_its_line(tmp_path: Path, text: str, message: str) -> None:
    """A figure with a slip in it must not pass for another."""
    from emorec_training.networks.table import read_measured
    with pytest.raises(InputError, match=message):
        read_measured(write(tmp_path, text))


def test_a_network_is_timed_in_onnx_runtime() -> None:
    """A thousand times the work takes longer."""
    from emorec_training.networks.table import milliseconds_per_face
    if keras.backend.backend() != 'tensorflow':
        pytest.skip('conversion needs Keras on TensorFlow')
    pytest.importorskip('tensorflow', reason='TensorFlow is not installed')
    small, large = (milliseconds_per_face(keras.Sequential(
        [keras.Input((48, 48, 1)), keras.layers.Conv2D(filters, 3),
         keras.layers.Conv2D(filters, 3)]), 5) for filters in (1, 64))
    assert 0 < small < large < 5000


def test_timing_off_tensorflow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says what to do."""
    from emorec_training.networks.table import milliseconds_per_face
    monkeypatch.setattr(keras.backend, 'backend', lambda: 'jax')
    with pytest.raises(InputError, match='set KERAS_BACKEND=tensorflow'):
        milliseconds_per_face(keras.Sequential([keras.Input((48, 48, 1))]), 1)


def test_no_runs_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The line names the flag that leaves times out."""
    assert main(['emotions', 'networks', '--runs', '0']) == 2
    assert capsys.readouterr().err == (
        'emorec: --runs: 0 is less than 1; --no-timing measures no time\n')
