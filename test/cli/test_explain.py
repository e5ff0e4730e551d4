# SPDX-License-Identifier: Apache-2.0
"""`emorec explain` finds the part of a face that an answer rests on."""

from pathlib import Path

import cv2
from emorec_cli.main import main
from emorec_vision.drawing.heat_map import Explained
from emorec_vision.drawing.heat_map import FOR
from emorec_vision.drawing.heat_map import overlay
from emorec_vision.drawing.heat_map import TILE
from emorec_vision.emotion.occlusion import occlusion_map
from emorec_vision.emotions import EMOTIONS
from emorec_vision.files.access import write_png
import numpy as np
import pytest


class CornerReader:
    """Say Happy the surer, the brighter the upper left quarter is, and Sad the darker."""

    labels = EMOTIONS

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return probabilities (N, 7)."""
        bright = inputs[:, :24, :24].mean(axis=(1, 2)) / 255
        shares = np.full((len(inputs), 7), 0.01)
        shares[:, 3] = 0.1 + 0.8 * bright
        shares[:, 4] = 1.05 - shares[:, 3] - 0.1
        return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def crop() -> np.ndarray:
    """Return a dark image whose upper left quarter is bright."""
    image = np.full((48, 48), 40, np.uint8)
    image[:24, :24] = 240
    return image


def test_the_map_is_where_the_network_looks(crop: np.ndarray) -> None:
    """It speaks for what it makes likelier and against the other, and nothing else matters."""
    heat = occlusion_map(CornerReader(), crop, 'Happy')
    assert heat.shape == (48, 48)
    assert heat[4:20, 4:20].min() > 0.01
    assert np.abs(heat[36:, 36:]).max() < 1e-6
    against = occlusion_map(CornerReader(), crop, 'Sad')
    assert against[4:20, 4:20].max() < -0.01


@pytest.mark.parametrize('label, patch, step', [
    ('Bored', 10, 2), ('Happy', 0, 1), ('Happy', 49, 2), ('Happy', 4, 5)])
def test_what_cannot_be_mapped_is_refused(
        crop: np.ndarray, label: str, patch: int, step: int) -> None:
    """With what would do."""
    with pytest.raises(ValueError, match='none of|do not fit'):
        occlusion_map(CornerReader(), crop, label, patch, step)


def test_the_strongest_place_is_the_most_opaque(crop: np.ndarray) -> None:
    """Red where it speaks for the emotion; nothing where it says nothing."""
    gray = np.full((96, 96, 3), 128, np.uint8)
    heat = np.zeros((48, 48))
    heat[:24, :24], heat[24:, 24:] = 1.0, -0.5
    drawn = overlay(gray, heat).astype(int)
    assert np.abs(drawn[10, 10] - (128 * 0.25 + FOR * 0.75)).max() < 2
    assert drawn[80, 80][2] > drawn[80, 80][0] and (drawn[10, 80] == 128).all()
    assert Explained(crop, heat, 'Happy', {'Happy': 1.0}, 'face 1').label == 'Happy'


def test_a_photo_becomes_a_sheet(tmp_path: Path, astronaut: np.ndarray,
                                 capsys: pytest.CaptureFixture[str]) -> None:
    """With the face beside its map; her smile is why she is Happy."""
    photo = tmp_path / 'photo.png'
    write_png(photo, np.ascontiguousarray(astronaut))
    assert main(['explain', str(photo), '--out', str(tmp_path / 'out')]) == 0
    assert capsys.readouterr().out == f'{photo}: 1 face in {tmp_path / "out" / "photo.png"}\n'
    sheet = cv2.imread(str(tmp_path / 'out' / 'photo.png'))[..., ::-1].astype(int)
    assert sheet.shape[1] > 2 * TILE
    beside = sheet[-TILE - 20:-20, 24 + TILE:24 + 2 * TILE]
    red = beside[..., 0] - beside[..., 2]
    upper, lower = red[:TILE // 2], red[TILE // 2:]
    assert lower.max() > 60 and lower.clip(0).sum() > upper.clip(0).sum()


@pytest.mark.parametrize('arguments, reason', [
    (['--emotion', 'Bored'], 'the model tells Angry, Disgust'),
    (['--patch', '60'], 'a face has 48 px')])
def test_bad_input_is_one_line(arguments: list[str], reason: str, tmp_path: Path,
                               capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is written."""
    assert main(['explain', 'photo.png', '--out', str(tmp_path / 'out'), *arguments]) == 2
    complaint = capsys.readouterr().err
    assert reason in complaint and complaint.count('\n') == 1
    assert not (tmp_path / 'out').exists()


def test_images_without_a_face_and_missing_ones_are_told(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are explained all the same; --whole takes each image as a face."""
    empty = tmp_path / 'empty.png'
    write_png(empty, np.full((60, 60, 3), 200, np.uint8))
    out = ['--out', str(tmp_path / 'out')]
    assert main(['explain', str(tmp_path / 'no.png'), str(empty), *out]) == 2
    told = capsys.readouterr()
    assert 'no.png' in told.err and told.out == f'{empty}: no face found\n'
    assert main(['explain', str(empty), '--whole', *out]) == 0
    assert (tmp_path / 'out' / 'empty.png').is_file()
