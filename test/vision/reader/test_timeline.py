# SPDX-License-Identifier: Apache-2.0
"""What people showed over time, and the page of it."""

from html.parser import HTMLParser
from typing import Any

from emorec_vision.emotions import EMOTIONS
from emorec_vision.reader.report_page import clock
from emorec_vision.reader.report_page import duration
from emorec_vision.reader.report_page import report_page
from emorec_vision.reader.timeline import Timeline
import pytest


def played(*spans: tuple[str, str, str, float, float]) -> Timeline:
    """Return the timeline of spans (track, person, confirmed, start, end), ten rows a second."""
    timeline = Timeline()
    for track, person, confirmed, start, end in spans:
        for tenth in range(round(start * 10), round(end * 10)):
            shares: dict[str, Any] = dict.fromkeys(EMOTIONS, 0.0)
            shares[confirmed or 'Neutral'] = 1.0
            timeline.add({'time': tenth / 10, 'track_id': track, 'person': person,
                          'confirmed': confirmed, 'seen': True, 'distance': 2.0, **shares},
                         EMOTIONS)
    return timeline


def test_episodes_shares_and_changes() -> None:
    """Ten seconds Happy, ten nothing, twenty Sad are one change."""
    line, = played(('a', '', 'Happy', 0, 10), ('a', '', '', 10, 20), ('a', '', 'Sad', 20, 40)
                   ).lines()
    assert [episode.emotion for episode in line.episodes] == ['Happy', '', 'Sad']
    assert line.present == pytest.approx(39.9)
    assert line.shares['Sad'] == pytest.approx(0.5, abs=0.01)
    assert (line.changes, line.known, line.name) == (1, False, 'a')


def test_who_was_away_was_not_there() -> None:
    """The time between does not count."""
    line, = played(('a', 'Ada', 'Happy', 0, 10), ('b', 'Ada', 'Happy', 100, 110)).lines()
    assert line.present == pytest.approx(19.8) and len(line.episodes) == 2
    assert line.changes == 0


def test_a_track_that_gets_a_name_brings_what_it_showed() -> None:
    """Names come a moment late."""
    line, = played(('a', '', 'Happy', 0, 1), ('a', 'Ada', 'Happy', 1, 3)).lines()
    assert (line.name, line.known) == ('Ada', True)
    assert line.present == pytest.approx(2.8, abs=0.11)
    assert sorted(line.means) == [0, 1, 2]


def test_a_track_that_loses_its_name_for_a_moment_is_the_same_person() -> None:
    """Nobody else has it."""
    assert len(played(('a', 'Ada', 'Happy', 0, 2), ('a', '', 'Happy', 2, 3)).lines()) == 1


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ''
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and that nothing is fetched from elsewhere."""
        self.tags.append(tag)
        assert not {'src', 'href'} & {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.text += data


def test_the_page_shows_everybody_and_needs_nothing_else() -> None:
    """Names that would be tags are text."""
    timeline = played(('a', '<b>Ada', 'Happy', 0, 60), ('b', '', 'Sad', 5, 10))
    page = Page(report_page(timeline, EMOTIONS, 'a <clip>.mp4', ['model: x & y']))
    assert page.tags.count('svg') == 2 and 'b' not in page.tags and 'img' not in page.tags
    for text in ('a <clip>.mp4', 'model: x & y', '<b>Ada', 'unknown (b)', '2.0 m', '100%'):
        assert text in page.text, text


def test_a_page_of_nobody_says_so() -> None:
    """And of many who passed by, how many."""
    assert 'Nobody was seen' in report_page(Timeline(), EMOTIONS, 'x', [])
    crowd = played(*((f't{number}', '', 'Happy', number, number + 1) for number in range(40)))
    page = report_page(crowd, EMOTIONS, 'x', [])
    assert page.count('<svg') == 24 and '16 more' in page


def test_an_hour_long_page_stays_small() -> None:
    """As many columns as can be seen."""
    timeline = played(*(('a', 'Ada', emotion, 60 * minute, 60 * minute + 60)
                        for minute, emotion in enumerate(['Happy', 'Neutral', 'Sad'] * 20)))
    assert len(report_page(timeline, EMOTIONS, 'x', [])) < 300_000


@pytest.mark.parametrize('seconds, text', [
    (4.24, '4.2 s'), (59.4, '59.4 s'), (150, '2 min 30 s'), (3900, '1 h 05 min')])
def test_durations_in_words(seconds: float, text: str) -> None:
    """As a reader says them."""
    assert duration(seconds) == text


def test_moments_on_the_axis() -> None:
    """Hours only where there are some."""
    assert (clock(75), clock(3675)) == ('1:15', '1:01:15')
