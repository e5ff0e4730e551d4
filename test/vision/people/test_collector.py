# SPDX-License-Identifier: Apache-2.0
"""Photos are taken of one usable face, spread over time and looks, and the rest is explained."""

from collections.abc import Iterator
from pathlib import Path

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.geometry import Box
from emorec_vision.people.collector import MIN_INTERVAL
from emorec_vision.people.collector import PhotoCollector
from emorec_vision.people.photo_quality import FrontalCheck
from emorec_vision.sources.video import VideoSource
from emorec_vision.stamps import seconds_to_ns as ns
import numpy as np
import pytest

FACE = Box(176, 65, 98, 98)
"""Where Haar finds the astronaut's face, px."""
CENTER = (225.0, 114.0)


@pytest.fixture(scope='module')
def frontal() -> FrontalCheck:
    """Return one check for all tests."""
    return FrontalCheck()


@pytest.fixture(scope='module')
def portrait(astronaut) -> np.ndarray:
    """Return the astronaut in gray."""
    return cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)


def face_of(gray: np.ndarray, box: Box = FACE, track_id: str = 's-1',
            detected: bool = True) -> FaceCrop:
    """Return a face of an image."""
    crop, crop_box = context_crop(gray, box)
    return FaceCrop(track_id, crop, crop_box, box, detected)


def turned(gray: np.ndarray, tilt: float, scale: float = 1.0) -> np.ndarray:
    """Return the image turned about the face, degrees."""
    return cv2.warpAffine(gray, cv2.getRotationMatrix2D(CENTER, tilt, scale), (512, 512))


def smeared(gray: np.ndarray) -> np.ndarray:
    """Return the image as a fast movement leaves it."""
    return cv2.blur(gray, (31, 1))


def covered(gray: np.ndarray) -> np.ndarray:
    """Return the image with something like a hand before the lower face."""
    hidden = gray.copy()
    hidden[118:175, 170:280] = 170 + 10 * np.sin(np.arange(110) / 3.0)
    return hidden


def test_a_good_face_is_kept_as_it_will_be_recognised(portrait, frontal):
    collector = PhotoCollector(2, frontal=frontal)
    face = face_of(portrait)
    offer = collector.offer([face], 0)
    assert offer.hint == '' and offer.photo is not None
    assert offer.photo.shape == (150, 150) and offer.photo.dtype == np.uint8
    assert np.array_equal(offer.photo, face.pixels(150))
    assert not collector.done and len(collector.photos) == 1


@pytest.mark.parametrize('change, hint', [
    (lambda gray: gray // 6, 'too dark'),
    (lambda gray: cv2.add(gray, 120), 'too bright'),
    (lambda gray: 120 + gray // 12, 'more light from the front'),
    (smeared, 'hold still'),
    (lambda gray: cv2.GaussianBlur(gray, (0, 0), 3.0), 'hold still'),
    (covered, 'look at the camera'),
    (lambda gray: gray[::-1], 'look at the camera'),
])
def test_a_bad_face_is_answered_with_what_to_do(portrait, frontal, change, hint):
    collector = PhotoCollector(2, frontal=frontal)
    offer = collector.offer([face_of(np.ascontiguousarray(change(portrait)))], 0)
    assert offer.photo is None and offer.hint == hint == collector.hint
    assert collector.waited == {hint: 1}


@pytest.mark.parametrize('boxes, hint', [
    ([], 'nobody in view'),
    ([FACE, Box(20, 20, 80, 80)], 'two faces in view'),
    ([FACE, Box(20, 20, 80, 80), Box(300, 300, 80, 80)], 'several faces in view'),
    ([Box(200, 90, 59, 59)], 'come closer'),
    ([Box(0, 65, 70, 98)], 'move to the middle of the image'),
])
def test_only_one_whole_near_face_is_looked_at(portrait, frontal, boxes, hint):
    collector = PhotoCollector(2, frontal=frontal)
    faces = [face_of(portrait, box, f's-{number}') for number, box in enumerate(boxes)]
    for by_hand in (False, True):
        offer = collector.offer(faces, 0, by_hand)
        assert offer.photo is None and offer.hint == hint


def test_a_face_that_is_not_seen_just_now_is_no_photo(portrait, frontal):
    offer = PhotoCollector(2, frontal=frontal).offer([face_of(portrait, detected=False)], 0)
    assert offer.photo is None and offer.hint == 'look at the camera'


def test_the_track_that_was_asked_for_is_taken_among_others(portrait, frontal):
    collector = PhotoCollector(2, 's-2', frontal=frontal)
    other = face_of(portrait, Box(20, 20, 80, 80), 's-1')
    assert collector.offer([other], 0).hint == 'nobody in view'
    assert collector.offer([other, face_of(portrait, track_id='s-2')], ns(0.1)).photo is not None


def test_photos_are_spread_over_time_and_differ(portrait, frontal):
    collector = PhotoCollector(3, frontal=frontal)
    face, other = face_of(portrait), face_of(turned(portrait, 9.0, 1.1))
    assert collector.offer([face], ns(10.0)).photo is not None
    early = collector.offer([other], ns(10.0) + MIN_INTERVAL // 2)
    assert early.photo is None and early.hint == ''
    same = collector.offer([face], ns(10.0) + MIN_INTERVAL)
    assert same.photo is None and same.hint == 'move a little'
    assert collector.offer([other], ns(10.5)).photo is not None
    assert collector.offer([face], ns(11.0)).hint == 'move a little'
    assert collector.waited == {'move a little': 2}


def test_brightness_alone_makes_no_new_photo(portrait, frontal):
    collector = PhotoCollector(3, frontal=frontal)
    collector.offer([face_of(portrait)], 0)
    darker = (portrait * 0.7).astype(np.uint8)
    assert collector.offer([face_of(darker)], ns(1.0)).hint == 'move a little'


def test_photos_of_an_earlier_time_are_not_taken_again(portrait, frontal):
    first = PhotoCollector(1, frontal=frontal)
    first.offer([face_of(portrait)], 0)
    assert first.done
    again = PhotoCollector(1, known=first.photos, frontal=frontal)
    assert again.offer([face_of(portrait)], 0).hint == 'move a little'
    assert again.offer([face_of(turned(portrait, -9.0, 1.1))], ns(1.0)).photo is not None


def test_by_hand_takes_what_would_be_waited_for(portrait, frontal):
    collector = PhotoCollector(3, frontal=frontal)
    collector.offer([face_of(portrait)], 0)
    for image in (portrait, smeared(portrait)):
        assert collector.offer([face_of(image)], ns(0.01), by_hand=True).photo is not None
    assert collector.done


def test_a_stamp_that_steps_back_starts_time_anew(portrait, frontal):
    collector = PhotoCollector(3, frontal=frontal)
    assert collector.offer([face_of(portrait)], ns(100.0)).photo is not None
    assert collector.offer([face_of(turned(portrait, 9.0, 1.1))], 0).photo is not None


def test_the_hint_goes_as_soon_as_all_is_well(portrait, frontal):
    collector = PhotoCollector(3, frontal=frontal)
    assert collector.offer([face_of(smeared(portrait))], 0).hint == 'hold still'
    assert collector.offer([face_of(portrait)], ns(0.07)).photo is not None
    assert collector.hint == ''


def offers_of_clip(clip: Path, frontal: FrontalCheck) -> Iterator[tuple[int, PhotoCollector]]:
    """Yield the collector after each frame of a clip or folder of images."""
    finder = FaceFinder(HaarDetector(), DepthGate())
    collector = PhotoCollector(30, frontal=frontal)
    for number, gray in enumerate(grays_of(clip)):
        stamp = ns(number / 30.0)
        collector.offer(finder.process(gray, stamp).faces, stamp)
        yield number, collector


def grays_of(clip: Path) -> Iterator[np.ndarray]:
    """Yield the images of a clip, or of a folder of colour and depth."""
    if clip.is_dir():
        for path in sorted(clip.glob('*_rgb.*')):
            yield cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        return
    with VideoSource(clip) as video:
        for frame in iter(video.read, None):
            yield cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)


def test_of_a_clip_different_photos_are_taken(shared_data, frontal):
    for _, collector in offers_of_clip(shared_data / 'video' / 'yes.mkv', frontal):
        pass
    assert 6 <= len(collector.photos) <= 12
    assert collector.waited['move a little'] < 30


def test_a_hand_before_the_face_and_a_turned_head_make_no_photo(shared_data, frontal):
    for clip, bad in (('video/bird.mkv', range(14, 42)), ('rgbd/uva_a1_person', range(11, 91))):
        taken = 0
        for number, collector in offers_of_clip(shared_data / clip, frontal):
            if number in bad:
                assert len(collector.photos) == taken, f'{clip} frame {number}'
            taken = len(collector.photos)
        assert taken >= 3 and collector.waited['look at the camera'] > 5
