# SPDX-License-Identifier: Apache-2.0
"""Commands look at the paths that they are given before they import Keras."""
import json
from pathlib import Path
import subprocess
import sys

from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from fer_csv import make_rows
from fer_csv import write_csv
from onnx_models import write_model
import pytest

RUN_ALL = """
import contextlib, importlib.abc, importlib.machinery, io, json, sys

class Refuse(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name in ('keras', 'tensorflow', 'torch', 'jax'):
            return importlib.machinery.ModuleSpec(name, self)

    def exec_module(self, module):
        raise ImportError(f'{module.__name__} was imported')

sys.meta_path.insert(0, Refuse())
from emorec_cli.main import main
results = []
for words in json.load(sys.stdin):
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            status = main(words)
        except BaseException as error:
            status = repr(error)
    results.append((status, out.getvalue(), errors.getvalue()))
json.dump(results, sys.stdout)
"""
"""Runs commands in one process in which these libraries are there but cannot be imported."""

MODEL_MISSING = 'there is no emotion model at none.onnx'
RUN_MISSING = 'none: no such model; name a .keras or .onnx file'
CASES: list[tuple[str, str]] = [
    ('emotions train none.csv', 'none.csv: cannot be read'),
    ('emotions train model.onnx', 'model.onnx: the first line must name the columns'),
    ('emotions train empty', 'empty: has none of the folders Training'),
    ('emotions train', 'name either the official fer2013.csv'),
    ('emotions train --train-dir empty --test-dir none', 'none: no such folder'),
    ('emotions train --train-dir empty --test-dir empty', 'empty: no images in sub-folders'),
    ('emotions train data.csv --labels ferplus --ferplus none.csv',
     '--ferplus none.csv: cannot be read'),
    ('emotions train data.csv --config none.yaml', '--config none.yaml: cannot be read'),
    ('emotions train data.csv --start-from none.onnx', MODEL_MISSING),
    ('emotions train data.csv --start-from none', RUN_MISSING),
    ('emotions train data.csv --start-from data.csv', 'data.csv: no such model'),
    ('emotions train data.csv --resume --out empty', 'empty/config.yaml: cannot be read'),
    ('emotions train data.csv --out run', 'run holds an earlier run: add --resume'),
    ('emotions train data.csv --out data.csv/run', '--out: data.csv/run cannot be made'),
    ('emotions train data.csv --out /proc', '--out: /proc cannot be written to'),
    ('emotions distill none.onnx data.csv', MODEL_MISSING),
    ('emotions distill none data.csv', RUN_MISSING),
    ('emotions distill model.onnx none.csv', 'none.csv: cannot be read'),
    ('emotions distill model.onnx data.csv --out run', 'run holds an earlier run'),
    ('emotions optimize none.csv', 'none.csv: cannot be read'),
    ('emotions optimize data.csv --ferplus none.csv --labels ferplus',
     '--ferplus none.csv: cannot be read'),
    ('emotions optimize data.csv --out data.csv', '--out: data.csv cannot be made'),
    ('emotions soup none none data.csv', RUN_MISSING),
    ('emotions soup model.onnx run data.csv', 'model.onnx: here a .keras file is needed'),
    ('emotions soup run run none.csv', 'none.csv: cannot be read'),
    ('emotions soup run run data.csv --out run', 'run holds an earlier run'),
    ('emotions soup run run data.csv --out /proc', '/proc cannot be written to'),
    ('emotions evaluate none data.csv', RUN_MISSING),
    ('emotions evaluate none.onnx data.csv', MODEL_MISSING),
    ('emotions evaluate run none.csv', 'none.csv: cannot be read'),
    ('emotions evaluate run data.csv --out /proc', '/proc cannot be written to'),
    ('emotions evaluate run empty --split training', 'belong to the csv'),
    ('emotions ensemble run none data.csv', RUN_MISSING),
    ('emotions ensemble run run none.csv', 'none.csv: cannot be read'),
    ('emotions export none data.csv --out out.onnx', RUN_MISSING),
    ('emotions export run none.csv --out out.onnx', 'none.csv: cannot be read'),
    ('emotions export run data.csv --out out.keras', 'name a file that ends in .onnx'),
    ('emotions export run data.csv --out data.csv/out.onnx', '--out: data.csv cannot be made'),
    ('emotions benchmark none.onnx', MODEL_MISSING),
    ('emotions benchmark data.csv', 'data.csv is no ONNX model or a damaged one'),
    ('emotions benchmark model.onnx --keras none', RUN_MISSING),
    ('emotions benchmark model.onnx --out empty', '--out: empty is a folder; name a file'),
    ('emotions benchmark model.onnx --out data.csv/a.json', '--out: data.csv cannot be made'),
    ('emotions dataset none.csv', 'none.csv: cannot be read'),
    ('emotions dataset data.csv --ferplus none.csv', '--ferplus none.csv: cannot be read'),
    ('emotions dataset data.csv --out /proc', '/proc cannot be written to'),
    ('emotions dataset data.csv --to-folders run', 'run is there already'),
    ('hack none.png', 'cannot read the image none.png'),
    ('hack data.csv', 'data.csv is no image'),
    ('hack --data none.csv', 'none.csv: cannot be read'),
    ('hack --data empty', 'empty: no images in sub-folders'),
    ('hack --model none.onnx', MODEL_MISSING),
    ('hack --keras none', RUN_MISSING),
    ('hack --out data.csv/out', '--out: data.csv/out cannot be made'),
]


@pytest.fixture(scope='module')
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str, str]]:
    """Return status, output and complaint of every command, and what the folder then holds."""
    folder = tmp_path_factory.mktemp('paths')
    write_csv(folder / 'data.csv', make_rows()[:20])
    write_model(folder / 'model.onnx')
    for name in ('empty', 'run'):
        (folder / name).mkdir()
    for name in ('model.keras', 'checkpoint.npz'):
        (folder / 'run' / name).write_bytes(b'')
    before = set(folder.rglob('*'))
    run = subprocess.run(
        [sys.executable, '-c', RUN_ALL], input=json.dumps([words.split() for words, _ in CASES]),
        text=True, capture_output=True, check=True, cwd=folder,
        env={'PYTHONPATH': ':'.join(filter(None, [str(Path(__file__).parents[2]), *sys.path])),
             'XDG_CACHE_HOME': str(tmp_path_factory.mktemp('cache'))})
    assert set(folder.rglob('*')) == before, 'something was written'
    return dict(zip((words for words, _ in CASES), json.loads(run.stdout), strict=True))


@pytest.mark.parametrize('words, message', CASES)
def test_a_wrong_path_is_one_line_before_keras_is_imported(
        words: str, message: str, results: dict[str, tuple[int, str, str]]) -> None:
    """Its import takes 8 s of CPU time, of which nobody should learn of a slip."""
    status, output, complaint = results[words]
    assert (status, output) == (2, ''), complaint
    assert message in complaint
    assert complaint.startswith('emorec: ') and complaint.count('\n') == 1


def test_a_folder_that_can_be_made_is_not_made_yet(tmp_path: Path) -> None:
    """A command that is refused later leaves none behind."""
    check_output_folder(tmp_path / 'a' / 'b')
    check_output_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / 'file').touch()
    for folder in (tmp_path / 'file', tmp_path / 'file' / 'a'):
        with pytest.raises(InputError, match='cannot be made'):
            check_output_folder(folder)
