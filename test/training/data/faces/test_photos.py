# SPDX-License-Identifier: Apache-2.0
"""Whole photos where crops of faces were meant, and `emorec preprocess` on their folders."""
from pathlib import Path

import cv2
from emorec_cli.main import main
from emorec_training.data.examples import from_folder
from emorec_training.data.faces.live_crops import live_cropper
from emorec_training.data.faces.photos import count_photos
from emorec_training.data.faces.photos import cut_photos
from emorec_training.data.split_folders import read_splits
from emorec_vision.emotions import EMOTIONS
from emorec_vision.faces.detectors.factory import open_detector
import numpy as np
import pytest

FACE = slice(50, 180), slice(160, 290)


@pytest.fixture
def photos(tmp_path: Path, astronaut: np.ndarray) -> Path:
    """Return a folder of four photos with a face, one without, and a broken one."""
    folder = tmp_path / 'own'
    image = cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR)
    for name, shown in {
            'train/Happy/a.jpg': image, 'train/Happy/a.png': image[:, ::-1],
            'train/Sad/deep/b.webp': image, 'Test/sad/c.tif': image,
            'Test/sad/wall.png': np.full((200, 300, 3), 90, np.uint8)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), shown)
    (folder / 'Test' / 'sad' / 'broken.png').write_bytes(b'?')
    (folder / 'Test' / 'sad' / '._c.tif').write_bytes(b'\0\5\x16\7')
    return folder


def test_a_stop_leaves_nothing_behind(
        photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the crops would stand in the way of the next try; an empty folder stays one."""
    out = tmp_path / 'crops'

    def stop(place: Path, _image: np.ndarray) -> None:
        place.touch()
        raise KeyboardInterrupt
    monkeypatch.setattr('emorec_training.data.faces.photos.write_png', stop)
    for is_there in (False, True):
        with pytest.raises(KeyboardInterrupt):
            cut_photos(photos, out)
        assert out.exists() == is_there and not list(tmp_path.rglob('crops/*'))
        out.mkdir(exist_ok=True)


def _preprocess(capsys: pytest.CaptureFixture[str], folder: Path,
                out: Path) -> tuple[int, str, str]:
    status = main(['preprocess', str(folder), '--out', str(out)])
    return (status, *capsys.readouterr())


def test_photos_become_crops_in_folders_of_the_same_names(
        photos: Path, tmp_path: Path, astronaut: np.ndarray,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The cut is the live one; the training reads what comes out."""
    out = tmp_path / 'crops'
    status, text, errors = _preprocess(capsys, photos, out)
    assert status == 0
    assert text == f'{photos}: 4 crops of 6 images in {out}\nno face in Test/sad/wall.png\n'
    assert errors.startswith(f'emorec: left out: {photos}/Test/sad/broken.png is no image')
    assert errors.count('\n') == 1
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob('*.png')) == [
        'Test/sad/c.png', 'train/Happy/a.png', 'train/Happy/a.png.png', 'train/Sad/deep/b.png']
    expected = live_cropper(open_detector())(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY))
    assert expected is not None
    crop = cv2.imread(str(out / 'Test/sad/c.png'), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(crop, expected)
    data, _, ignored = read_splits(out)
    assert np.bincount(data.usage).tolist() == [2, 1]
    assert ignored == [out / 'train' / 'Sad' / 'deep']


def test_earlier_crops_and_the_photos_are_never_mixed(
        photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is there stays."""
    before = sorted(tmp_path.rglob('*'))
    for out, message in ((photos / 'crops', 'name a folder outside of it'),
                         (tmp_path, 'is not empty; name a new folder')):
        status, text, errors = _preprocess(capsys, photos, out)
        assert (status, text) == (2, '') and errors.count('\n') == 1
        assert message in errors
    assert sorted(tmp_path.rglob('*')) == before


def test_photos_without_any_face_end_with_2(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The files are named; links that go round are followed once."""
    folder = tmp_path / 'walls'
    (folder / 'happy').mkdir(parents=True)
    (folder / 'happy' / 'round').symlink_to(folder)
    for number in range(9):
        cv2.imwrite(str(folder / 'happy' / f'{number}.png'), np.full((99, 120), 90, np.uint8))
    status, text, errors = _preprocess(capsys, folder, tmp_path / 'crops')
    assert status == 2 and 'no face found in any image' in errors
    assert text.splitlines()[0].endswith('0 crops of 9 images in ' + str(tmp_path / 'crops'))
    assert text.splitlines()[1].startswith('no face in happy/0.png')
    assert text.endswith(' and 1 more\n')


@pytest.mark.parametrize('whole', [True, False])
def test_whole_photos_are_told_from_crops(
        tmp_path: Path, astronaut: np.ndarray, whole: bool) -> None:
    """A face of 100 px in a photo of 512 px has 9 of 48 px to learn from."""
    for number, name in enumerate(('happy', 'sad', 'angry')):
        (tmp_path / name).mkdir()
        shown = np.roll(astronaut, number, axis=1) if whole else astronaut[FACE]
        cv2.imwrite(str(tmp_path / name / 'im.png'), cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
    paths = sorted(tmp_path.rglob('*.png'))
    assert count_photos(paths) == (3 if whole else 0, 3)
    [*notes] = from_folder(tmp_path, EMOTIONS).notes
    assert [note for note in notes if '--detect' in note] == (
        ['3 of 3 images looked at are whole photos with a small face; --detect cuts it out']
        if whole else [])


def test_the_loader_names_the_command_that_cuts(
        tmp_path: Path, astronaut: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    """One line; what it tells is what helps."""
    folder = tmp_path / 'my photos'
    for split, emotion in (('train', 'happy'), ('test', 'sad')):
        (folder / split / emotion).mkdir(parents=True)
        cv2.imwrite(str(folder / split / emotion / 'a.jpg'), astronaut)
    main(['emotions', 'dataset', str(folder), '--out', str(tmp_path / 'report')])
    assert (f'emorec: {folder}: 2 of 2 images looked at are whole photos, in which the face is '
            'too small to learn; cut the faces out first: emorec preprocess '
            f"'{folder}' --out CROPS\n") in capsys.readouterr().err
