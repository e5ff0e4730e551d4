# SPDX-License-Identifier: Apache-2.0
"""Labels say what is known, and cover neither faces nor each other."""

from dataclasses import replace

from emorec_vision.drawing.colors import emotion_color
from emorec_vision.drawing.colors import EMOTION_COLORS
from emorec_vision.drawing.colors import initials
from emorec_vision.drawing.people import annotate
from emorec_vision.drawing.people import arrange
from emorec_vision.drawing.people import PersonLabel
from emorec_vision.drawing.people import UNSURE
from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box
import numpy as np
import pytest

CROWDS = [(640, 480, 1, 120), (640, 480, 2, 120), (640, 480, 6, 80), (640, 480, 10, 72),
          (320, 240, 3, 60), (320, 240, 12, 40), (1280, 1024, 60, 48), (640, 480, 60, 48),
          (640, 480, 200, 22), (1920, 1080, 10, 150)]
"""Width, height, faces and their size, px, from room for everything to room for nothing."""
SIZES = [(320, 240), (640, 480), (1280, 720), (1920, 1080)]
HAPPY = PersonLabel(Box(200, 150, 120, 120), 'Ada', 'Happy', True, 0.8,
                    (0.1, 0.0, 0.05, 0.6, 0.05, 0.2, 0.0), 1.25)


def blank(width: int, height: int) -> np.ndarray:
    """Return an evenly gray image."""
    return np.full((height, width, 3), 97, np.uint8)


def inside(image: np.ndarray, box: Box) -> np.ndarray:
    """Return the part of an image that shows the face within a box's frame."""
    margin = max(3, box.width // 16)
    return image[box.y + margin:box.bottom - margin, box.x + margin:box.right - margin]


def crowd(width: int, height: int, count: int, side: int) -> list[PersonLabel]:
    """Return people whose faces fill an image evenly, with all emotions, sure and unsure."""
    columns = min(count, round((count * width / height) ** 0.5))
    rows = -(-count // columns)
    return [replace(HAPPY, emotion=EMOTIONS[i % 7], confirmed=i % 5 != 3, box=Box(
        round((i % columns + 0.5) * width / columns) - side // 2,
        round((i // columns + 0.5) * height / rows) - side // 2, side, side))
        for i in range(count)]


def pixels_of(image: np.ndarray, emotion: str, box: Box) -> int:
    """Return how many pixels right of a box have exactly an emotion's colour."""
    beside = image[:, box.right + 1:]
    return int((beside == EMOTION_COLORS[emotion]).all(axis=2).sum())


def test_every_emotion_has_its_own_colour():
    assert tuple(EMOTION_COLORS) == EMOTIONS
    assert len(set(EMOTION_COLORS.values())) == len(EMOTIONS)


def test_other_emotions_have_their_own_colours_and_letters():
    others = ('Contempt', 'Bored', 'Keen', 'Sleepy', 'm\u00fcde')
    assert len({emotion_color(name) for name in (*EMOTIONS, *others)}) == 12
    assert initials(EMOTIONS) == tuple('ADFHSUN')
    assert initials((*EMOTIONS, *others)) == tuple('ADFHSUNCBKLM')
    assert initials(('?', '\u5f00', 'aa', 'a')) == ('?', '?', 'A', 'A')


@pytest.mark.parametrize('labels', [
    ('Angry', 'Bored', 'm\u00fcde'), (*EMOTIONS, 'Contempt'),
    tuple(f'emotion number {number}' for number in range(64)), ('x' * 40, 'y' * 40)])
@pytest.mark.parametrize('width, height, count, side', CROWDS[:5])
def test_bars_are_those_of_the_model(labels, width, height, count, side):
    rows = np.full(len(labels), 1 / len(labels))
    people = [replace(person, emotion=labels[0], labels=labels, probabilities=rows)
              for person in crowd(width, height, count, side)]
    drawn = annotate(blank(width, height), people)
    for person in people:
        assert (inside(drawn, person.box) == 97).all()
    for label in arrange(people, width, height):
        if label.bars is not None and label.bars.clip(width, height) == label.bars:
            beside = drawn[label.bars.y:label.bars.bottom, label.bars.x:label.bars.right]
            for name in labels:
                assert (beside == emotion_color(name)).all(axis=2).any()


def test_the_tag_says_the_mean_probability_and_how_long():
    label, = arrange([replace(HAPPY, held=4.2)], 640, 480)
    assert label.lines == ('Happy 80% for 4 s', 'Ada  1.25 m')
    label, = arrange([replace(HAPPY, held=4.2, confirmed=False)], 640, 480)
    assert label.lines[0] == 'not sure'


def test_the_image_itself_stays_as_it_is():
    image = blank(640, 480)
    drawn = annotate(image, [HAPPY])
    assert (image == 97).all()
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    assert not np.array_equal(drawn, image)
    assert np.array_equal(annotate(image, []), image)


@pytest.mark.parametrize('emotion', EMOTIONS)
def test_the_box_has_the_colour_of_a_confirmed_emotion(emotion):
    drawn = annotate(blank(640, 480), [replace(HAPPY, emotion=emotion)])
    assert tuple(drawn[150, 260]) == EMOTION_COLORS[emotion]
    unsure = annotate(blank(640, 480), [replace(HAPPY, emotion=emotion, confirmed=False)])
    assert np.ptp(unsure[150, 260].astype(int)) < 20


def test_bars_are_as_long_as_the_probabilities():
    unsure = replace(HAPPY, confirmed=False)
    drawn = annotate(blank(640, 480), [unsure])
    happy, surprise = (pixels_of(drawn, name, HAPPY.box) for name in ('Happy', 'Surprise'))
    assert happy / surprise == pytest.approx(3.0, rel=0.2)
    assert pixels_of(drawn, 'Disgust', HAPPY.box) == 0
    without = annotate(blank(640, 480), [replace(unsure, probabilities=None)])
    assert pixels_of(without, 'Happy', HAPPY.box) == 0


@pytest.mark.parametrize('change', [{'person': 'Bob'}, {'person': ''}, {'distance': 2.0},
                                    {'distance': None}, {'probability': 0.7},
                                    {'probability': None}, {'held': 4.0}, {'confirmed': False}])
def test_what_is_known_can_be_read_off(change):
    image = blank(640, 480)
    assert not np.array_equal(annotate(image, [HAPPY]),
                              annotate(image, [replace(HAPPY, **change)]))


def test_a_name_is_drawn_without_its_accents():
    image = blank(640, 480)
    assert np.array_equal(annotate(image, [replace(HAPPY, person='Zoë Ångström')]),
                          annotate(image, [replace(HAPPY, person='Zoe Angstrom')]))


@pytest.mark.parametrize('width, height', SIZES)
@pytest.mark.parametrize('across', [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize('down', [0.0, 0.5, 1.0])
def test_a_face_stays_visible_wherever_it_is(width, height, across, down):
    side = height // 4
    box = Box(round(across * (width - side)), round(down * (height - side)), side, side)
    drawn = annotate(blank(width, height), [replace(HAPPY, box=box)])
    assert (inside(drawn, box) == 97).all()
    assert (drawn != 97).any(axis=2).sum() > 1000


@pytest.mark.parametrize('width, height, count, side', CROWDS)
def test_every_face_is_framed_in_its_colour_and_nothing_else_covers_it(width, height, count,
                                                                       side):
    people = crowd(width, height, count, side)
    drawn = annotate(blank(width, height), people)
    for person in people:
        box, color = person.box, EMOTION_COLORS[person.emotion] if person.confirmed else UNSURE
        face = drawn[box.y:box.bottom, box.x:box.right]
        framed = (face == color).all(axis=2)
        assert framed[[0, -1]].all() and framed[:, [0, -1]].all()
        assert (framed | (face == 97).all(axis=2)).all()


@pytest.mark.parametrize('width, height, count, side', CROWDS)
def test_labels_cover_no_face_and_no_other_label(width, height, count, side):
    people = crowd(width, height, count, side)
    labels = arrange(people, width, height)
    places = [place for label in labels for place in (label.tag, label.bars) if place]
    for index, place in enumerate(places):
        assert place.clip(width, height) == place
        taken = [person.box for person in people] + places[:index]
        assert not any(map(place.intersection, taken))


@pytest.mark.parametrize('width, height, count, side, lines, bars', [
    (640, 480, 1, 120, 2, True), (640, 480, 6, 80, 2, True), (640, 480, 10, 72, 2, True),
    (640, 480, 10, 40, 2, True), (320, 240, 12, 40, 1, False), (640, 480, 40, 48, 1, False)])
def test_labels_of_similar_faces_tell_equally_much(width, height, count, side, lines, bars):
    labels = arrange(crowd(width, height, count, side), width, height)
    assert len(labels) == count
    assert {len(label.lines) for label in labels} == {lines}
    assert {label.bars is not None for label in labels} == {bars}


def test_a_single_word_is_hardly_wider_than_its_face_and_touches_it():
    for label in arrange(crowd(640, 480, 40, 48), 640, 480):
        box = label.person.box
        assert label.tag.width <= 1.3 * box.width + 2
        assert label.tag.y == box.bottom or label.tag.bottom == box.y


def test_no_text_is_drawn_where_it_could_not_be_read():
    assert arrange(crowd(640, 480, 200, 22), 640, 480) == []


@pytest.mark.parametrize('width, height', SIZES)
def test_a_single_face_shows_all_seven_bars(width, height):
    shares = (0.2, 0.1, 0.1, 0.2, 0.1, 0.2, 0.1)
    box = Box(width // 3, height // 3, height // 4, height // 4)
    drawn = annotate(blank(width, height), [replace(HAPPY, confirmed=False, box=box,
                                                    probabilities=shares)])
    for emotion in EMOTIONS:
        assert (drawn == EMOTION_COLORS[emotion]).all(axis=2).any()


@pytest.mark.parametrize('box', [Box(-30, -20, 90, 90), Box(590, 440, 90, 90),
                                 Box(0, 0, 640, 480), Box(-50, -50, 900, 900),
                                 Box(300, 200, 3, 3), Box(300, 200, 1, 1)])
def test_odd_boxes_are_drawn_too(box):
    drawn = annotate(blank(640, 480), [replace(HAPPY, box=box)])
    assert (drawn != 97).any()


@pytest.mark.parametrize('box', [Box(700, 10, 40, 40), Box(-90, 10, 40, 40), Box(5, 5, 0, 0)])
def test_a_box_outside_the_image_is_left_out(box):
    assert np.array_equal(annotate(blank(640, 480), [replace(HAPPY, box=box)]),
                          blank(640, 480))


@pytest.mark.parametrize('size', [(16, 16), (1, 1), (64, 8)])
def test_a_tiny_image_does_no_harm(size):
    assert annotate(blank(*size), [replace(HAPPY, box=Box(0, 0, 9, 9))]).shape[:2] == size[::-1]


def test_numbers_stand_at_the_faces_of_a_crowd():
    people = [replace(person, number=number)
              for number, person in enumerate(crowd(1280, 1024, 60, 48), 1)]
    labels = arrange(people, 1280, 1024)
    assert {label.person.number for label in labels} == set(range(1, 61))
    for label in labels:
        assert any(line.split()[0] == str(label.person.number) for line in label.lines)


def test_a_legend_says_what_initials_stand_for_and_covers_nothing():
    crowded = [replace(HAPPY, box=Box(60 + 150 * i, 130, 90, 90), person='Somebody', look=0.3)
               for i in range(4)]
    labels = arrange(crowded, 640, 480)
    assert any(label.bars.width != label.style.wide[0] for label in labels)
    drawn = annotate(blank(640, 480), crowded)
    assert (drawn[-100:, :80] != 97).any() and pixels_of(drawn[-130:], 'Fear', Box(-1, 0, 0, 0))
    alone = annotate(blank(640, 480), [HAPPY])
    assert (alone[-60:, :80] == 97).all()


@pytest.mark.parametrize('emotion', EMOTIONS)
def test_a_frame_is_seen_on_a_white_wall(emotion):
    drawn = annotate(np.full((480, 640, 3), 255, np.uint8), [replace(HAPPY, emotion=emotion)])
    around = drawn[149, 200:320].astype(int)
    assert (around.sum(axis=1) < 100).mean() > 0.5


def test_the_recognition_distance_is_written_where_it_is_known():
    label, = arrange([replace(HAPPY, look=0.314)], 640, 480)
    assert label.lines[1] == 'Ada  d 0.31  1.25 m'
