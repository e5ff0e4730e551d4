# SPDX-License-Identifier: Apache-2.0
"""What `emorec emotions train` and `distill` refuse, and their help."""
from pathlib import Path
import subprocess
import sys

from emorec_cli.main import main
from emorec_training.config import load_config
from emorec_training.presets import PRESETS
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


@pytest.mark.parametrize('arguments, message', [
    (['train'], 'name either the official fer2013.csv'),
    (['train', 'nowhere.csv'], 'nowhere.csv: cannot be read'),
    (['train', '--train-dir', '.'], 'both --train-dir and --test-dir'),
    (['train', 'x.csv', '--lr', '99'], 'optimizer.lr: 99.0 is outside'),
    (['train', 'x.csv', '--out', 'nowhere', '--resume'], 'nowhere/config.yaml: cannot be read'),
    (['train', 'CSV', '--classes', 'Happy,Bored'], "--classes: 'Bored' is none of Angry"),
    (['train', 'CSV', '--labels', 'ferplus'], '--labels ferplus needs the votes'),
    (['train', 'CSV', '--ferplus', 'BROKEN'], 'learnt from with --labels ferplus'),
    (['train', 'CSV', '--labels', 'ferplus', '--ferplus', 'BROKEN'], '--ferplus'),
    (['train', 'CSV', '--classes', ','], '--classes: name at least two'),
    (['train', 'CSV', '--start-from', 'BROKEN'], 'is no Keras model or a damaged one'),
    (['train', 'CSV', '--engine', 'torch', '--network', 'original'],
     'torch knows compact_resnet, wide_resnet, efficientnet_lite0 only'),
    (['train', 'CSV', '--engine', 'torch', '--l2', '0.1'], 'torch has no L2 penalty'),
    (['train', 'CSV', '--out', 'BROKEN/run'], 'broken.keras/run cannot be made'),
    (['train', 'CSV', '--out', '/proc'], '/proc cannot be written to'),
    (['train', 'CSV', '--decay', '0.1'],
     '--decay needs --schedule inverse_time or exponential, not cosine'),
    (['train', 'CSV', '--network', 'horseman_a', '--momentum', '0.8', '--optimizer', 'adam'],
     '--momentum needs --optimizer sgd, not adam'),
    (['train', 'CSV', '--live-detector', 'haar'], '--live-detector needs --live-crops'),
    (['distill', 'accurate', 'CSV', '--answered-epochs', '2'],
     '--answered-epochs needs --teacher-sees shown or milder'),
    (['ensemble', 'a.keras', 'b.keras', '--tta', 'flip', 'CSV'], 'a.keras: no such model'),
    (['distill', 'nowhere.keras', 'CSV'], 'nowhere.keras: no such model'),
])
def test_bad_input_gets_one_line(
        tiny_csv: Path, tmp_path: Path, arguments: list[str], message: str,
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, exit status 2, no weights written."""
    broken = tmp_path / 'broken.keras'
    broken.write_bytes(b'PK\x03\x04 no archive')
    monkeypatch.chdir(tmp_path)
    names = {'CSV': str(tiny_csv), 'BROKEN': str(broken)}
    for name, path in names.items():
        arguments = [part.replace(name, path) for part in arguments]
    assert main(['emotions', *arguments]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith('emorec: ') and errors.count('\n') == 1
    assert message in errors
    assert [path for path in Path('.').rglob('[!.]*') if path.is_file()] == [
        Path('broken.keras')]


@pytest.mark.parametrize('arguments', [
    ['train', 'nowhere.csv'], ['distill', 'accurate', 'nowhere.csv'],
    ['evaluate', 'accurate', 'nowhere.csv'], ['evaluate', 'nowhere.keras', 'nowhere.csv'],
    ['export', 'nowhere.keras', 'nowhere.csv']])
def test_a_wrong_path_is_named_without_tensorflow(arguments: list[str], tmp_path: Path) -> None:
    """Its import takes seconds."""
    code = ('import sys; from emorec_cli.main import main; status = main(sys.argv[1:]); '
            'assert not {"keras", "tensorflow", "torch"} & set(sys.modules); sys.exit(status)')
    done = subprocess.run([sys.executable, '-c', code, 'emotions', *arguments], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and 'nowhere' in done.stderr, done.stderr


@pytest.mark.parametrize('network', PRESETS)
def test_every_network_stops_early_unless_told_otherwise(network: str) -> None:
    """Zero turns it off."""
    assert load_config(None, {'network.name': network}).training.patience > 0
    flags = {'network.name': network, 'training.patience': 0}
    assert load_config(None, flags).training.patience == 0


def test_help_gives_every_setting_and_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    """The options of the original project are there under its names."""
    with pytest.raises(SystemExit) as end:
        main(['emotions', 'train', '--help'])
    text = capsys.readouterr().out
    assert end.value.code == 0
    for flag in ('--batch-size', '--epochs', '--kernel-size', '--dropout', '--l2', '--lr',
                 '--decay', '--class-weighting', '--patience', '--train-dir', '--test-dir',
                 '--mixup'):
        assert flag in text
    assert 'highest learning rate (default: 0.1)' in text
    assert '--teacher-weight' not in text and '--classes X' not in text


@pytest.mark.parametrize('flags', [
    ['--network', 'horseman_a', '--decay', '0.01'], ['--network', 'original', '--decay', '1e-5'],
    ['--momentum', '0.8']])
def test_settings_that_the_network_s_own_recipe_uses_are_taken(flags: list[str]) -> None:
    """Its schedule and its optimiser need not be named."""
    from emorec_cli.emotions.arguments.settings_arguments import check_effects
    from emorec_cli.emotions.arguments.settings_arguments import chosen_settings
    from emorec_cli.main import make_parser
    from emorec_training.config import load_config
    given = chosen_settings(make_parser().parse_args(['emotions', 'train', 'data.csv', *flags]))
    check_effects(load_config(None, given), given)
