# SPDX-License-Identifier: Apache-2.0
"""`emorec live --web` in a real browser."""

from collections.abc import Callable
from pathlib import Path
import re

from live_harness import Live
import pytest
from service.chromium import Chromium
from service.chromium import find_chromium

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
TEXT = 'document.body.innerText'


@pytest.mark.skipif(find_chromium() is None, reason='no Chromium is installed')
def test_the_page_shows_the_person_the_poster_and_the_images(
    live: Callable[..., Live], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the printed address alone; when the robot is gone it says so, and comes back."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    (tmp_path / 'people').mkdir(mode=0o700)
    arguments = ('--source', 'demo', '--people', str(tmp_path / 'people'), '--web')
    run = live(*arguments, '0')
    address = re.compile(r'the dashboard is at (http://127\.0\.0\.1:(\d+)/\?token=\w+)')
    run.until(lambda: address.search(run.log))
    url, port = address.search(run.log).groups()
    browser = Chromium(tmp_path / 'profile')
    try:
        browser.go(url)
        browser.until(f'{TEXT}.includes("unknown 1") && {TEXT}.includes("Happy")')
        browser.until(f'{TEXT}.includes("Not a person: too far")')
        browser.until('[...document.querySelectorAll("figure img")].every('
                      'image => image.naturalWidth === 640)')
        browser.run('document.getElementById("name").value = "Nobody"; '
                    'window.confirm = () => true; '
                    'document.querySelector("[data-do=forget]").click()')
        browser.until(f'{TEXT}.includes("forget Nobody: nobody in")')
        browser.screenshot(tmp_path / 'wide.png')
        browser.screenshot(tmp_path / 'phone.png', width=400)
        assert browser.failures == []
        run.close()
        browser.until(f'{TEXT}.includes("the robot does not answer")')
        run = live(*arguments, port)
        browser.until('document.getElementById("status").textContent === "live"')
    finally:
        browser.close()
