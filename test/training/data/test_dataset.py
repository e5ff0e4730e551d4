# SPDX-License-Identifier: Apache-2.0
"""Reading the official csv."""
from collections.abc import Callable
from pathlib import Path

from emorec_training.data import dataset
from emorec_training.data.dataset import load_csv
from emorec_vision.errors import InputError
from fer_csv import COUNTS
from fer_csv import make_rows
from fer_csv import write_csv
from fer_csv import write_kaggle
import numpy as np
import pytest


def test_splits_and_labels_are_those_of_the_csv(tiny_csv: Path) -> None:
    """Each split holds its rows in their order."""
    data = load_csv(tiny_csv)
    for name, usage in dataset.SPLITS.items():
        split = data.split(name)
        assert split.images.shape == (COUNTS[usage], 48, 48)
        assert split.images.dtype == np.uint8
        assert split.labels.tolist() == [index % 7 for index in range(COUNTS[usage])]
    first = make_rows()[0][1].split()
    assert data.images[0].ravel().tolist() == [int(value) for value in first]


def test_both_published_column_orders_are_the_same_data(tiny_csv: Path, tmp_path: Path) -> None:
    """The csv of the second Kaggle release differs only in the order of its columns."""
    other = write_csv(tmp_path / 'icml.csv', make_rows(), 'emotion, Usage, pixels')
    one, two = load_csv(tiny_csv), load_csv(other)
    assert one.digest == two.digest
    assert np.array_equal(one.images, two.images)


@pytest.mark.parametrize('column, value, message', [
    (0, '7', "emotion '7' instead of 0..6"),
    (0, 'happy', "emotion 'happy' instead of 0..6"),
    (1, '1 2 3', '3 pixels instead of 2304'),
    (1, '256 ' * 2304, 'a pixel outside 0..255'),
    (1, 'x ' * 2304, 'a pixel that is no number'),
    (2, 'Test', "Usage 'Test', none of Training, PublicTest, PrivateTest"),
    (2, 'Training,', 'has 4 columns instead of 3'),
    (0, '7' * 5000, "emotion '77777777777777777777' instead of 0..6"),
])
def test_a_malformed_row_is_named_by_number(
        tmp_path: Path, column: int, value: str, message: str) -> None:
    """The error says which row is wrong, and how."""
    rows = make_rows()[:3]
    rows[1] = (*rows[1][:column], value, *rows[1][column + 1:])
    with pytest.raises(InputError) as error:
        load_csv(write_csv(tmp_path / 'bad.csv', rows))
    assert 'row 2 ' in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize('content, message', [
    ('', 'must name the columns'),
    ('a,b,c\n', 'must name the columns'),
    ('emotion,pixels,Usage\n', 'no rows'),
    ('pixels\n1 2 3\n', 'no column emotion, so no labels; .* icml_face_data.csv'),
    ('Usage,pixels\nPublicTest,1\n', 'no column emotion'),
    ('emotion,pixels,Usage\n0,"70 80' + ' 90' * 60000, 'line 2 is no row .* quote not closed'),
])
def test_a_foreign_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    """A file that is not fer2013.csv gets one line."""
    path = tmp_path / 'other.csv'
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        load_csv(path)


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    """The path stands in the error."""
    with pytest.raises(InputError, match='nowhere.csv: cannot be read'):
        load_csv(tmp_path / 'nowhere.csv')


def test_the_second_reading_comes_from_the_cache(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing 300 MB of text takes half a minute, so it happens once."""
    path = write_csv(tmp_path / 'fer2013.csv', make_rows(seed=5))
    first = load_csv(path)
    monkeypatch.setattr(dataset, 'read_rows', lambda lines, name: pytest.fail('parsed again'))
    second = load_csv(path)
    assert np.array_equal(first.images, second.images)
    assert (first.digest, first.left_out.tolist()) == (second.digest, second.left_out.tolist())


def test_a_damaged_cache_is_made_anew(tmp_path: Path, own_cache: Path) -> None:
    """Whatever a full disk or a crash left there."""
    path = write_csv(tmp_path / 'fer2013.csv', make_rows(seed=6))
    before = set(own_cache.rglob('fer2013-*.npz'))
    first = load_csv(path)
    [file] = set(own_cache.rglob('fer2013-*.npz')) - before
    whole = file.read_bytes()
    for content in (b'', whole[:1000], whole[:-100]):
        file.write_bytes(content)
        assert np.array_equal(load_csv(path).images, first.images)
        assert file.stat().st_size == len(whole)


def test_marks_of_spreadsheets_are_read_over(tmp_path: Path) -> None:
    """A byte-order mark before the header, and empty lines."""
    path = write_csv(tmp_path / 'plain.csv', make_rows(seed=7))
    marked = tmp_path / 'marked.csv'
    marked.write_bytes(b'\xef\xbb\xbf' + path.read_bytes() + b'\n\n')
    assert load_csv(marked).digest == load_csv(path).digest


def test_training_images_that_stand_in_a_test_split_are_not_trained_on(
        tmp_path: Path) -> None:
    """Whatever the csv, the loader leaves its leaked rows out of Training only."""
    rows = make_rows()
    rows[3] = (rows[3][0], rows[COUNTS['Training'] + 4][1], 'Training')
    data = load_csv(write_csv(tmp_path / 'leaking.csv', rows))
    assert data.left_out.tolist() == [3]
    assert len(data.split('training').labels) == COUNTS['Training'] - 1
    assert len(data.split('public').labels) == COUNTS['PublicTest']


@pytest.mark.parametrize('change', [
    lambda text: b'\xef\xbb\xbf' + text.replace(b'\n', b'\r\n'),
    lambda text: text.decode().encode('utf-16'),
    lambda text: b'\n'.join(b'%d,' % number + line + b',x' for number, line
                            in enumerate(text.splitlines())),
    lambda text: b'\n'.join(line.replace(b',', b'.0,', number > 0) for number, line
                            in enumerate(text.splitlines())),
])
def test_what_other_programs_make_of_the_csv_is_the_same_data(
        tiny_csv: Path, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """A mark and CRLF, UTF-16, columns around it, labels as pandas writes floats."""
    path = tmp_path / 'changed.csv'
    path.write_bytes(change(tiny_csv.read_bytes()))
    assert load_csv(path).digest == load_csv(tiny_csv).digest


def test_a_csv_without_usage_is_split_with_copies_on_one_side(tmp_path: Path) -> None:
    """The tenth is the same each time, also from the cache, and every image is in one split."""
    rows = make_rows(seed=8)[:120]
    rows += [rows[index] for index in range(60)]
    path = write_csv(tmp_path / 'train.csv', rows, 'emotion,pixels')
    first, again = load_csv(path), load_csv(path)
    assert first.drawn and again.drawn and np.array_equal(first.usage, again.usage)
    assert int(first.usage.sum()) in range(15, 19) and first.usage.max() == 1
    assert np.array_equal(first.usage[:60], first.usage[120:])
    assert not len(first.left_out)
    assert len(first.split('training').labels) + len(first.split('public').labels) == 180
    whole = first.measured()
    assert np.array_equal(whole.split('public').images, first.images)


def test_a_second_csv_is_the_test(tmp_path: Path, tiny_csv: Path) -> None:
    """Kaggle's train.csv and the course's test_with_emotions.csv."""
    train = write_kaggle(tmp_path / 'train.csv', ('Training',))
    test = write_kaggle(tmp_path / 'test.csv', ('PublicTest', 'PrivateTest'), 'pixels,emotion')
    data, official = load_csv(train, test), load_csv(tiny_csv)
    assert not data.drawn and data.measured() is data
    assert np.array_equal(data.images, official.images)
    assert np.array_equal(data.labels, official.labels)
    assert np.array_equal(data.usage, official.usage > 0)
    assert load_csv(train).drawn, 'the cache keeps both apart'


def test_usage_in_both_files_is_kept(tmp_path: Path, tiny_csv: Path) -> None:
    """The csv cut into files by Usage: PrivateTest stays what it is; contradictions are said."""
    columns = 'emotion,pixels,Usage'
    train = write_kaggle(tmp_path / 'train.csv', ('Training',), columns)
    test = write_kaggle(tmp_path / 'test.csv', ('PublicTest', 'PrivateTest'), columns)
    assert load_csv(train, test).digest == load_csv(tiny_csv).digest
    with pytest.raises(InputError, match='its Usage names test rows; leave out --test-csv'):
        load_csv(tiny_csv, test)
    with pytest.raises(InputError, match='its Usage names rows of Training'):
        load_csv(train, tiny_csv)
