# SPDX-License-Identifier: Apache-2.0
"""A page shows what a model looks at in a few images of each class."""
from pathlib import Path

from emorec_cli.main import main
from emorec_vision.sources.images import read_image
from onnx_models import write_model
import pytest


def test_a_few_images_of_each_class_are_drawn(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of each of seven; one page."""
    model = write_model(tmp_path / 'model.onnx')
    page = tmp_path / 'new' / 'page.png'
    assert main(['emotions', 'explain', str(tiny_csv), '--model', str(model), '--pictures', '2',
                 '--out', str(page)]) == 0
    assert capsys.readouterr().out == f'{page}: 14 images of PublicTest\n'
    assert read_image(page).shape == (1175, 580, 3)


@pytest.mark.parametrize('options, complaint', [
    (['--out', 'page.jpg'], 'name a file that ends in .png'),
    (['--out', 'page.png', '--method', 'gradient'], '--method gradient needs a .keras file')])
def test_bad_options_are_told_in_one_line(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str],
        complaint: str) -> None:
    """Before the data is read."""
    model = write_model(tmp_path / 'model.onnx')
    assert main(['emotions', 'explain', str(tiny_csv), '--model', str(model), *options]) == 2
    error = capsys.readouterr().err
    assert complaint in error and error.count('\n') == 1
