# SPDX-License-Identifier: Apache-2.0
"""Who is photographed sees how far it is: in a window, a terminal or a log."""

from emorec_cli.faces.photo_views import Bar
from emorec_cli.faces.photo_views import has_screen
from emorec_cli.faces.photo_views import Lines
from emorec_cli.faces.photo_views import open_view
from emorec_cli.faces.photo_views import Window
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    """Run without a window, whatever the machine has."""
    for variable in ('DISPLAY', 'WAYLAND_DISPLAY'):
        monkeypatch.delenv(variable, raising=False)


def test_a_screen_that_does_not_answer_is_no_screen(monkeypatch):
    assert not has_screen()
    monkeypatch.setenv('DISPLAY', ':987')
    assert not has_screen()


def test_the_window_shows_the_hint_and_the_box():
    window = Window(30)
    rgb = np.full((480, 640, 3), 90, np.uint8)
    face = FaceCrop('s-1', rgb[:100, :100, 0], Box(0, 0, 100, 100), Box(200, 100, 80, 80), True)
    waiting, fine = (window.drawn(rgb, [face], 3, hint) for hint in ('too dark', ''))
    assert tuple(waiting[100, 240]) != tuple(fine[100, 240]) != (90, 90, 90)
    assert not np.array_equal(waiting[446:, 10:300], fine[446:, 10:300])
    assert (rgb == 90).all()


def test_a_terminal_gets_a_bar_with_the_hint(capsys):
    with Bar('Ada', 4) as bar:
        bar.show(None, [], 1, 'too dark')
    shown = capsys.readouterr().err
    assert '1/4' in shown and 'too dark' in shown


def test_a_log_gets_a_line_only_when_the_hint_changes(capsys):
    lines = Lines(30, live=True)
    for hint in ('too dark', 'too dark', 'come closer'):
        lines.show(None, [], 0, hint)
    assert capsys.readouterr().err == 'emorec: 0 of 30 photos; too dark\n'
    Lines(30, live=False).show(None, [], 0, 'too dark')
    assert capsys.readouterr().err == ''


def test_without_screen_and_terminal_lines_are_written():
    assert isinstance(open_view('Ada', 3, live=True), Lines)
