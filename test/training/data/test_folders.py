# SPDX-License-Identifier: Apache-2.0
"""Reading folders of labelled images."""
from pathlib import Path

import cv2
from emorec_training.data.folders import list_images
from emorec_training.data.folders import load_folders
from emorec_training.data.folders import read_folder
from emorec_training.data.split_folders import read_splits
from emorec_vision.errors import InputError
from emorec_vision.still_image.header import SUFFIXES
import numpy as np
import pytest

LOSSY = {'.jpe', '.jpeg', '.jpg', '.webp'}
WRITTEN = set('.bmp .jpe .jpeg .jpg .pgm .png .pnm .ppm .tif .tiff .webp'.split())


def _write_folder(folder: Path, names: list[str], side: int = 48) -> Path:
    for number, name in enumerate(names):
        (folder / name).mkdir(parents=True, exist_ok=True)
        image = np.full((side, side), 10 * number, np.uint8)
        cv2.imwrite(str(folder / name / f'im{number}.png'), image)
    return folder


def _write_noise(folder: Path, names: list[str]) -> Path:
    rng = np.random.default_rng(0)
    for name in names:
        (folder / name).mkdir(parents=True)
        cv2.imwrite(str(folder / name / 'im.png'), rng.integers(0, 256, (48, 48), np.uint8))
    return folder


def test_copies_alone_leave_nothing_to_learn_from(tmp_path: Path) -> None:
    """Where both folders are the same, the message says why."""
    folder = _write_noise(tmp_path, ['happy', 'sad'])
    with pytest.raises(InputError, match='every image of Training .* also stands in a test'):
        load_folders(folder, folder)[0].split('training')


def test_folders_are_labelled_by_their_names(tmp_path: Path) -> None:
    """The names of several published data sets are understood, foreign folders left alone."""
    folder = _write_folder(tmp_path, ['happy', 'Angry', 'fearful', 'SURPRISE', 'contempt'], 96)
    split = read_folder(folder)
    assert sorted(split.labels.tolist()) == [0, 2, 3, 5]
    assert list_images(folder).ignored == ['contempt']
    assert split.images.shape == (4, 48, 48)
    assert {int(image.mean()): int(label) for image, label in zip(split.images, split.labels)} \
        == {0: 3, 10: 0, 20: 2, 30: 5}


@pytest.mark.parametrize('suffix', sorted(SUFFIXES))
def test_every_format_that_other_commands_read_is_read(tmp_path: Path, suffix: str) -> None:
    """One list of suffixes for all, in any case; gray stays the gray it was."""
    (tmp_path / 'happy').mkdir()
    image = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    smooth = cv2.GaussianBlur(image, (0, 0), 5)
    path = tmp_path / 'happy' / f'im{suffix.upper()}'
    encoded = smooth if suffix == '.pgm' else cv2.cvtColor(smooth, cv2.COLOR_GRAY2BGR)
    written = suffix if suffix in WRITTEN else '.png'  # the content decides, not the name
    path.write_bytes(cv2.imencode(written, encoded)[1].tobytes())
    [read] = read_folder(tmp_path).images
    assert np.abs(read.astype(int) - smooth).max() <= (6 if suffix in LOSSY else 0)


def test_two_folders_take_the_place_of_the_csv(tmp_path: Path) -> None:
    """--train-dir and --test-dir give Training and PublicTest."""
    data, ignored = load_folders(
        _write_folder(tmp_path / 'train', ['happy', 'sad', 'angry', 'surprize']),
        _write_folder(tmp_path / 'test', ['neutral']))
    assert ignored == [tmp_path / 'train' / 'surprize']
    assert data.split('public').labels.tolist() == [6]
    with pytest.raises(InputError, match='no images with Usage PrivateTest'):
        data.split('private')


@pytest.mark.parametrize('content, message', [
    (None, 'no such folder'), ({}, 'no images'), ({'happy/a.png': b'?'}, 'a.png is no image'),
    ({'happy/a.pgm': b'P5 60000 60000 255\n'}, 'a.pgm is 60000x60000 px, 3600 megapixels')])
def test_a_folder_without_images_is_refused(
        tmp_path: Path, content: dict[str, bytes] | None, message: str) -> None:
    """Missing and empty folders and broken images get one line."""
    folder = tmp_path / 'pictures'
    if content is not None:
        folder.mkdir()
        for name, data in content.items():
            (folder / name).parent.mkdir()
            (folder / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_folder(folder)


def test_hidden_files_are_no_images(tmp_path: Path) -> None:
    """A disk written by macOS has a `._` file beside each; folders in an emotion are named."""
    _write_folder(tmp_path, ['happy', 'sad'])
    (tmp_path / 'happy' / '._im0.png').write_bytes(b'\0\5\x16\7\0\2\0\0Mac OS X        ')
    (tmp_path / 'happy' / 'more.png').mkdir()
    assert len(read_folder(tmp_path).labels) == 2
    assert list_images(tmp_path).ignored == ['happy/more.png']


def test_numbers_for_emotions_are_refused(tmp_path: Path) -> None:
    """1 is Disgust in FER2013 and Surprise in RAF-DB."""
    with pytest.raises(InputError, match='it has 0, 1; numbers mean other emotions in each'):
        read_folder(_write_folder(tmp_path, ['0', '1']))


@pytest.mark.parametrize('names', [
    ('train', 'test'), ('Train', 'Test'), ('train', 'val'), ('TRAIN', 'valid'),
    ('Training', 'Validation'), ('train', 'validation', 'test'), ('Training', 'Val', 'Testing'),
    ('training', 'publictest', 'privatetest')])
def test_splits_go_by_the_names_that_people_give(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Beside validation images, which choose the epoch, the test is the last figure."""
    for number, name in enumerate(names):
        _write_noise(tmp_path / name, ['happy', 'sad', 'angry'][:number + 1])
    (tmp_path / 'spare').mkdir()
    data, paths, ignored = read_splits(tmp_path)
    assert np.bincount(data.usage).tolist() == [1, 2, 3][:len(names)]
    assert {path.parent.parent.name for path in paths} == set(names)
    assert ignored == [tmp_path / 'spare']


@pytest.mark.parametrize('inside, message', [
    ('images/train/happy', 'it has images; .*images has them'),
    ('happy', 'train, validation and test; it has happy$'),
    ('', 'train, validation and test; for a csv name the file, such as .*train.csv$')])
def test_a_folder_without_splits_is_told_what_to_name(
        tmp_path: Path, inside: str, message: str) -> None:
    """Archives have one more folder around, and Kaggle's has csv files."""
    (tmp_path / inside).mkdir(parents=True, exist_ok=True)
    if not inside:
        (tmp_path / 'train.csv').touch()
    with pytest.raises(InputError, match=message):
        read_splits(tmp_path)
