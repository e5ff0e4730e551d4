# SPDX-License-Identifier: Apache-2.0
"""The options that name the data: what is read, and what is said of it."""
import argparse
from pathlib import Path

import cv2
from emorec_cli.emotions.arguments.data_arguments import check_paths
from emorec_cli.emotions.arguments.data_arguments import load_data
from emorec_cli.emotions.arguments.data_arguments import load_task
from emorec_cli.main import main
from emorec_vision.errors import InputError
from fer_csv import COUNTS
from fer_csv import write_kaggle
import numpy as np
import pytest


def _arguments(csv: Path, test: Path | None = None) -> argparse.Namespace:
    return argparse.Namespace(csv=csv, test_csv=test, train_dir=None, test_dir=None,
                              labels='fer2013', classes=None, ferplus=None)


def test_a_drawn_tenth_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, with the way out; what is measured is measured whole."""
    path = write_kaggle(tmp_path / 'train.csv', ('Training',))
    task = load_task(_arguments(path))
    drawn = len(task.validation_labels)
    assert drawn == 14 and len(task.images) == 126
    assert capsys.readouterr().err == (
        f'emorec: {path} has no column Usage: 14 of 140 images, drawn with a fixed seed, stand '
        'for PublicTest; --test-csv names others\n')
    data, _ = load_data(_arguments(path), measured=True)
    assert len(data.split('public').labels) == 140
    assert 'all 140 images are measured\n' in capsys.readouterr().err


def test_a_second_csv_needs_no_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Training and PublicTest are what the user said."""
    arguments = _arguments(write_kaggle(tmp_path / 'train.csv', ('Training',)),
                           write_kaggle(tmp_path / 'test.csv', ('PublicTest',)))
    check_paths(arguments)
    task = load_task(arguments)
    assert len(task.validation_labels) == COUNTS['PublicTest']
    assert capsys.readouterr().err == ''


def test_too_few_images_to_draw_are_said(tmp_path: Path) -> None:
    """Four images have no tenth."""
    path = tmp_path / 'few.csv'
    whole = write_kaggle(tmp_path / 'train.csv', ('Training',)).read_text().splitlines()
    path.write_text('\n'.join(whole[:5]))
    with pytest.raises(InputError, match='4 images are too few or too alike .* --test-csv'):
        load_task(_arguments(path))


@pytest.mark.parametrize('arguments, message', [
    (['dataset', 'LABELLED', '--test-csv', 'nowhere.csv'], '--test-csv nowhere.csv: cannot be'),
    (['dataset', '.', '--test-csv', 'LABELLED'], '--test-csv goes with a csv'),
    (['dataset', 'UNLABELLED'], 'has no column emotion, so no labels'),
    (['dataset', 'LABELLED', '--test-csv', 'UNLABELLED'], 'has no column emotion, so no labels'),
])
def test_what_does_not_fit_gets_one_line(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Kaggle's test.csv has pixels alone."""
    monkeypatch.chdir(tmp_path)
    write_kaggle(tmp_path / 'LABELLED', ('Training',))
    write_kaggle(tmp_path / 'UNLABELLED', ('PublicTest',), 'pixels')
    assert main(['emotions', *arguments]) == 2
    errors = capsys.readouterr().err
    assert message in errors and errors.count('\n') == 1


def test_folders_passed_over_are_named(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those beside the splits, and those beside the emotions."""
    for number, name in enumerate(['train/Happy', 'train/bored', 'val/happy', 'unsorted']):
        (tmp_path / name).mkdir(parents=True)
        image = np.random.default_rng(number).integers(0, 256, (48, 48), np.uint8)
        cv2.imwrite(str(tmp_path / name / 'im.webp'), image)
    task = load_task(_arguments(tmp_path))
    assert (len(task.images), len(task.validation_images)) == (1, 1)
    assert capsys.readouterr().err == (
        f'emorec: left alone, named after no split: {tmp_path}/unsorted\n'
        f'emorec: left alone, named after no emotion: {tmp_path}/train/bored\n')


@pytest.mark.parametrize('command', ['dataset', 'dataset fer2013.csv', 'train'])
def test_who_has_no_fer2013_is_told_where_it_is(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str,
        capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, without a csv or with one that is missing."""
    monkeypatch.chdir(tmp_path)
    assert main(['emotions', *command.split()]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith('emorec: ') and errors.count('\n') == 1
    assert 'https://www.kaggle.com/c/challenges-in-representation-learning-' in errors
    assert 'unpack fer2013.tar.gz and name the fer2013.csv in it' in errors
    assert not list(tmp_path.iterdir())
