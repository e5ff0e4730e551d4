# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions dataset`: the report, and the csv as folders."""
from collections.abc import Callable
import csv
import json
from pathlib import Path
import re
import shutil

import cv2
from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
from emorec_training.data.dataset import SPLITS
from emorec_training.data.split_folders import read_splits
from emorec_training.data.split_folders import write_folders
from emorec_vision.emotions import EMOTIONS
from fer_csv import make_rows
from fer_csv import write_csv
import numpy as np
import pytest

FERPLUS_HEADER = ('Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,'
                  'contempt,unknown,NF')


@pytest.fixture(scope='module')
def faulty_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a csv with known faults: copies, a conflict, and a black image.

    Row 10 is black, row 25 a copy of 24 with another label, row 30 the mirror image of 29,
    rows 141 (PublicTest) and 185 (PrivateTest) are copies of row 40.
    """
    rng = np.random.default_rng(3)
    rows = make_rows()
    for index, (emotion, _, usage) in enumerate(rows):
        soft = cv2.GaussianBlur(rng.normal(0, 1, (48, 48)), (0, 0), 3)
        image = np.clip(128 + soft * 400, 0, 255).astype(np.uint8)
        rows[index] = (emotion, ' '.join(map(str, image.ravel())), usage)
    pixels_of = {row: rows[row][1] for row in (24, 29, 40)}
    mirrored = np.array(pixels_of[29].split()).reshape(48, 48)[:, ::-1]
    for row, pixels in ((10, '0 ' * 2304), (25, pixels_of[24]), (30, ' '.join(mirrored.ravel())),
                        (141, pixels_of[40]), (185, pixels_of[40])):
        rows[row] = (rows[row][0], pixels, rows[row][2])
    return write_csv(tmp_path_factory.mktemp('faulty') / 'fer2013.csv', rows)


@pytest.fixture(scope='module')
def votes_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return votes: neutral for every tenth row, no face in row 10, a tie in row 1, else fit."""
    columns = dict(zip(('neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear'),
                       (6, 3, 5, 4, 0, 1, 2)))
    lines = [FERPLUS_HEADER]
    for row, (emotion, _, usage) in enumerate(make_rows()):
        label = 6 if row % 10 == 0 else int(emotion)
        votes = [9 * (number == label) for number in columns.values()] + [1, 0, 0]
        if row == 10:
            votes = [0] * 9 + [10]
        elif row == 1:
            votes = [5, 5] + [0] * 8
        lines.append(f'{usage},{row}.png,' + ','.join(map(str, votes)))
    path = tmp_path_factory.mktemp('votes') / 'fer2013new.csv'
    path.write_text('\n'.join(lines) + '\n')
    return path


@pytest.fixture(scope='module')
def report(faulty_csv: Path, votes_csv: Path,
           tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a report, with the images below `images`."""
    folder = tmp_path_factory.mktemp('out') / 'report'
    assert main(['emotions', 'dataset', str(faulty_csv), '--ferplus', str(votes_csv), '--out',
                 str(folder), '--to-folders', str(folder.parent / 'pictures')]) == 0
    return folder


def test_the_planted_faults_are_found(report: Path) -> None:
    """Each fault of the csv stands in report.json with its rows."""
    summary = json.loads((report / 'report.json').read_text())
    assert not summary['official']
    assert summary['difference'] == 'it has 200 images, the official data 35887'
    assert summary['counts']['PublicTest'] == dict.fromkeys(EMOTIONS, 6)
    assert summary['published_counts']['PrivateTest']['Happy'] == 879
    assert summary['constant'] == [10]
    exact, mirrored = (summary['duplicate_levels'][level] for level in ('exact', 'mirrored'))
    assert (exact['groups'], exact['pictures'], exact['largest']) == (2, 5, 3)
    assert exact['conflicting'] == [[24, 25], [40, 141, 185]]
    assert mirrored['conflicting'] == [[24, 25], [29, 30], [40, 141, 185]]
    assert summary['pairs']['Training']['exact'] == 1
    assert summary['pairs']['Training']['mirrored'] == 1
    assert summary['pairs']['Training - PublicTest']['exact'] == 1
    assert summary['pairs']['PublicTest - PrivateTest']['exact'] == 1
    assert summary['tests_in_training']['PrivateTest']['exact'] == 1


def test_votes_are_compared_with_labels(report: Path) -> None:
    """Ties and images without a face agree with no label."""
    ferplus = json.loads((report / 'report.json').read_text())['ferplus']
    labels = [int(row[0]) for row in make_rows()]
    agreeing = [row for row, label in enumerate(labels)
                if row not in (1, 10) and (row % 10 or label == 6)]
    assert ferplus['not_a_face'] == [10]
    assert ferplus['agreement'] == pytest.approx(len(agreeing) / 200, abs=1e-4)
    assert ferplus['majority'][EMOTIONS[labels[1]]]['tie'] == 1
    assert sum(votes[name] for name, votes in ferplus['majority'].items()) == len(agreeing)


def test_rows_left_out_and_pairs_are_listed(report: Path, faulty_csv: Path) -> None:
    """left_out.csv is what training leaves out, with reasons."""
    with open(report / 'left_out.csv', newline='') as file:
        left_out = {int(line['row']): line for line in csv.DictReader(file)}
    assert sorted(left_out) == load_csv(faulty_csv).left_out.tolist() == [10, 40]
    assert left_out[10] == {'row': '10', 'reason': 'constant', 'matching_row': '-1'}
    assert left_out[40] == {'row': '40', 'reason': 'exact', 'matching_row': '141'}
    with open(report / 'duplicates.csv', newline='') as file:
        pairs = {(int(line['row']), int(line['other_row'])): line['kind']
                 for line in csv.DictReader(file)}
    assert pairs == {(24, 25): 'exact', (29, 30): 'mirrored', (40, 141): 'exact',
                     (40, 185): 'exact', (141, 185): 'exact'}


def test_the_report_shows_every_figure(report: Path) -> None:
    """Each image that report.md names is there, and none is there that it does not name."""
    text = (report / 'report.md').read_text()
    named = set(re.findall(r'\]\(([^)]+\.png)\)', text))
    assert named == {path.name for path in report.glob('*.png')}
    assert {'class_counts.png', 'samples_happy.png', 'constant.png', 'not_a_face.png',
            'ferplus.png', 'pairs_exact_across.png', 'pairs_mirrored.png', 'conflicts.png',
            } <= named
    assert all(cv2.imread(str(report / name)) is not None for name in named)
    assert 'This is **not** the official fer2013.csv: it has 200 images' in text
    assert '| PublicTest | 6 (467) | 6 (56) |' in text


def test_folders_hold_the_csv_and_are_read_again(report: Path, faulty_csv: Path) -> None:
    """Splits stay apart, pixels stay as they are, and reading them gives the csv again."""
    images = report.parent / 'pictures'
    data = load_csv(faulty_csv)
    for row in (0, 41, 145, 199):
        path = images / list(SPLITS.values())[data.usage[row]] / EMOTIONS[data.labels[row]]
        image = cv2.imread(str(path / f'im{row}.png'), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(image, data.images[row])
    assert len(list(images.rglob('*.png'))) == 200
    again, paths, ignored = read_splits(images)
    rows = [int(path.stem.removeprefix('im')) for path in paths]
    assert sorted(rows) == list(range(200))
    assert np.array_equal(again.images, data.images[rows])
    assert np.array_equal(again.labels, data.labels[rows])
    assert np.array_equal(again.usage, data.usage[rows])
    assert ignored == []


def test_a_report_on_folders_names_their_files(
        report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of splits may be others; folders that are no emotion are told."""
    images = tmp_path / 'pictures'
    shutil.copytree(report.parent / 'pictures' / 'PublicTest', images / 'test')
    (images / 'test' / 'contempt').mkdir()
    assert main(['emotions', 'dataset', str(images), '--out', str(tmp_path / 'out')]) == 0
    printed = capsys.readouterr()
    assert 'test/contempt' in printed.err
    assert '(0 Training, 42 PublicTest, 0 PrivateTest)' in printed.out
    with open(tmp_path / 'out' / 'pictures.csv', newline='') as file:
        paths = [Path(line['path']) for line in csv.DictReader(file)]
    assert sorted(paths) == sorted(images.rglob('*.png'))


def test_folders_are_written_whole_or_not_at_all(
        faulty_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up on the way leaves nothing behind; the next try succeeds."""
    data = load_csv(faulty_csv)
    write = Path.write_bytes

    def fail(path: Path, content: bytes) -> int:
        if path.name == 'im150.png':
            raise OSError(28, 'No space left on device')
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, 'write_bytes', fail)
        with pytest.raises(OSError, match='No space'):
            write_folders(data, tmp_path / 'pictures')
    assert list(tmp_path.iterdir()) == []
    write_folders(data, tmp_path / 'pictures')
    assert [path.name for path in tmp_path.iterdir()] == ['pictures']


@pytest.mark.parametrize('arguments, message', [
    (lambda folder, table: [folder / 'no.csv'], 'no.csv: cannot be read'),
    (lambda folder, table: [folder], 'none of the folders Training, PublicTest'),
    (lambda folder, table: [folder, '--ferplus', table], '--ferplus goes with the csv'),
    (lambda folder, table: [table, '--out', table], '--out: '),
    (lambda folder, table: [table, '--out', '/proc'], '/proc cannot be written to'),
    (lambda folder, table: [table, '--to-folders', folder], 'not an empty folder'),
    (lambda folder, table: [table, '--to-folders', table], 'not an empty folder'),
    (lambda folder, table: [table, '--to-folders', '/'], 'not an empty folder'),
    (lambda folder, table: [table, '--out', folder / 'new', '--to-folders', folder / 'new'],
     '--to-folders: name another folder than --out'),
    (lambda folder, table: [table, '--out', folder / 'out', '--to-folders', table / 'below'],
     'cannot be made'),
    (lambda folder, table: [table, '--ferplus', table], 'has no column'),
])
def test_bad_input_gets_one_line(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
        arguments: Callable[[Path, Path], list[object]], message: str) -> None:
    """The error names the option and what to do, with exit status 2."""
    (tmp_path / 'something').mkdir()
    words = [str(word) for word in arguments(tmp_path, tiny_csv)]
    assert main(['emotions', 'dataset', *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith('emorec: ')
    assert error.count('\n') == 1
