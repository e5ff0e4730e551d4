# SPDX-License-Identifier: Apache-2.0
"""The 60 % rule of the confirmation window."""

from emorec_vision.confirmation import Confirmation
from emorec_vision.confirmation import ConfirmationWindow
from emorec_vision.confirmation import shares_by_emotion
from emorec_vision.confirmation import WindowSettings
from emorec_vision.emotions import EMOTIONS
from emorec_vision.emotions import NEUTRAL
from emorec_vision.errors import InputError
import pytest

ANGRY, HAPPY, SAD = 'Angry', 'Happy', 'Sad'
FRAME = 33_333_333
SECOND = 1_000_000_000


def measurement(emotion: str, probability: float = 0.9) -> list[float]:
    """Give probabilities with this emotion on top."""
    rest = (1 - probability) / 6
    return [probability if name == emotion else rest for name in EMOTIONS]


def window_of(*emotions: str, settings: WindowSettings = WindowSettings()) -> ConfirmationWindow:
    """Fill a window with one measurement per 1/30 s."""
    window = ConfirmationWindow(settings)
    for number, emotion in enumerate(emotions):
        window.add(number * FRAME, measurement(emotion))
    return window


@pytest.mark.parametrize('emotions, expected', [
    ([], Confirmation(NEUTRAL, False, 0.0)),  # nothing measured
    ([HAPPY] * 12, Confirmation(NEUTRAL, False, 0.6)),  # exactly 60 % is not more than 60 %
    ([HAPPY] * 13, Confirmation(HAPPY, True, 0.65)),  # 13 of 20 places, while still filling
    ([HAPPY] * 13 + [SAD] * 7, Confirmation(HAPPY, True, 0.65)),  # the newest ones do not win
    ([SAD] * 8 + [HAPPY] * 12, Confirmation(NEUTRAL, False, 0.6)),
    ([SAD] * 20 + [HAPPY] * 13, Confirmation(HAPPY, True, 0.65)),  # old ones leave
    ([NEUTRAL] * 20, Confirmation(NEUTRAL, True, 1.0)),  # calm is not the same as not sure
])
def test_confirms_only_what_fills_more_than_60_percent_of_20(
    emotions: list[str], expected: Confirmation
) -> None:
    """13 of 20 places confirm, 12 do not, empty places count as well."""
    assert window_of(*emotions).confirmation(SECOND) == expected


def test_a_stray_frame_never_shows() -> None:
    """The original reported the newest emotion once any was confirmed; this one does not."""
    window = window_of(*[HAPPY] * 20)
    window.add(SECOND, measurement(ANGRY))
    assert window.confirmation(SECOND) == Confirmation(HAPPY, True, 0.95)


def test_length_and_share_are_settings() -> None:
    """A window of 5 with a share of 0.8 needs all five."""
    settings = WindowSettings(length=5, min_share=0.8)
    assert not window_of(*[HAPPY] * 4, settings=settings).confirmation(SECOND).confirmed
    assert window_of(*[HAPPY] * 5, settings=settings).confirmation(SECOND).confirmed


@pytest.mark.parametrize('length, min_share, count', [
    (20, 0.6, 12), (100, 0.57, 57), (100, 0.29, 29), (50, 0.58, 29), (10, 0.7, 7)])
def test_exactly_the_share_never_confirms(length: int, min_share: float, count: int) -> None:
    """57 of 100 is not more than 57 %, although 0.57 * 100 is 56.99... in floating point."""
    settings = WindowSettings(length=length, min_share=min_share)
    assert not window_of(*[HAPPY] * count, settings=settings).confirmation(9 * SECOND).confirmed
    assert window_of(*[HAPPY] * (count + 1), settings=settings).confirmation(9 * SECOND).confirmed


def test_a_maximum_age_empties_the_window_with_time() -> None:
    """Measurements older than max_age no longer count."""
    window = window_of(*[HAPPY] * 20, settings=WindowSettings(max_age=1.0))
    assert window.confirmation(SECOND).confirmed
    assert window.confirmation(13 * SECOND // 10) == Confirmation(NEUTRAL, False, 0.5)
    assert window.confirmation(5 * SECOND) == Confirmation(NEUTRAL, False, 0.0)


def test_a_weak_measurement_fills_a_place_and_votes_for_nobody() -> None:
    """Below min_probability a measurement pushes out older ones without voting."""
    window = window_of(*[HAPPY] * 20, settings=WindowSettings(min_probability=0.5))
    for _ in range(8):
        window.add(SECOND, measurement(SAD, 0.4))
    assert window.confirmation(SECOND) == Confirmation(NEUTRAL, False, 0.6)


def test_an_earlier_window_is_continued_in_order() -> None:
    """The earlier measurements come before the own ones and leave first."""
    window = window_of(*[SAD] * 5)
    window.continue_from(window_of(*[HAPPY] * 20))
    assert window.confirmation(SECOND) == Confirmation(HAPPY, True, 0.75)
    for _ in range(8):
        window.add(SECOND, measurement(SAD))
    assert window.confirmation(SECOND) == Confirmation(SAD, True, 0.65)


def test_the_mean_probability_is_over_all_measurements_in_the_window() -> None:
    """Those that vote for something else count, those that left the window do not."""
    window = window_of(*[SAD] * 20)
    for _ in range(15):
        window.add(SECOND, measurement(HAPPY, 0.8))
    said = window.confirmation(SECOND)
    assert (said.emotion, said.share) == (HAPPY, 0.75)
    assert said.probability == pytest.approx((15 * 0.8 + 5 * 0.1 / 6) / 20)
    assert window_of(*[HAPPY] * 12).confirmation(SECOND).probability == 0.0


@pytest.mark.parametrize('labels', [('Bored', 'Keen'), (*EMOTIONS, 'Contempt')])
def test_other_emotions_are_confirmed_by_their_names(labels: tuple[str, ...]) -> None:
    """As many as the model tells; without one that is confirmed the answer stays Neutral."""
    settings = WindowSettings(min_share_of=shares_by_emotion(f'{labels[-1]}:0.3', labels))
    window = ConfirmationWindow(settings, labels)
    row = [0.2 / (len(labels) - 1)] * (len(labels) - 1) + [0.8]
    for _ in range(6):
        window.add(0, row)
    assert window.confirmation(0) == Confirmation(NEUTRAL, False, 0.3)
    window.add(0, row)
    assert window.confirmation(0) == Confirmation(labels[-1], True, 0.35)


def test_an_emotion_may_have_a_share_of_its_own() -> None:
    """Happy needs more than half of the places, everything else as much as before."""
    settings = WindowSettings(min_share_of=shares_by_emotion(' Happy:0.5, Sad: 1 ,'))
    assert window_of(*[HAPPY] * 11, settings=settings).confirmation(SECOND).confirmed
    assert not window_of(*[HAPPY] * 10, settings=settings).confirmation(SECOND).confirmed
    assert not window_of(*[ANGRY] * 12, settings=settings).confirmation(SECOND).confirmed
    assert not window_of(*[SAD] * 20, settings=settings).confirmation(SECOND).confirmed


@pytest.mark.parametrize('text, complaint', [
    ('Hapy:0.5', "'Hapy' is none of Angry, Disgust"),
    ('Happy', "'Happy' has no share"),
    ('Happy:much', "'Happy:much' has no share"),
    ('Happy:0.5,Sad:7', '7 of Sad is outside 0 to 1'),
    ('Happy:nan', 'nan of Happy is outside 0 to 1'),
])
def test_a_share_that_cannot_be_read_is_named(text: str, complaint: str) -> None:
    """The line says what is wrong and what would fit."""
    with pytest.raises(InputError, match=complaint):
        shares_by_emotion(text)


def test_other_settings_keep_the_newest_measurements() -> None:
    """A shorter window forgets the oldest; a longer one has empty places at first."""
    window = window_of(*[HAPPY] * 10, *[SAD] * 5)
    window.use(WindowSettings(length=5))
    assert window.confirmation(SECOND) == Confirmation(SAD, True, 1.0)
    window.use(WindowSettings(length=10))
    assert window.confirmation(SECOND) == Confirmation(NEUTRAL, False, 0.5)
