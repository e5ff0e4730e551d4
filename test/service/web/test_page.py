# SPDX-License-Identifier: Apache-2.0
"""The page at / in a real browser: a picture, the webcam, the history, the keyboard, the token."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from service.chromium import Chromium
from service.chromium import find_chromium
from service.picture_files import encode

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from service.processes import Served  # noqa: E402, I100
from service.requests import TOKEN  # noqa: E402

if find_chromium() is None:
    pytest.skip('no Chromium is installed', allow_module_level=True)

ROWS = 'document.querySelectorAll("#rows td:last-child button").length'
MESSAGE = 'document.getElementById("message").textContent'


@pytest.fixture(scope='module')
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run a service that asks for a token."""
    folder = tmp_path_factory.mktemp('service')
    (folder / 'token').write_text(TOKEN)
    (folder / 'token').chmod(0o600)
    with Served(folder, '--token-file', 'token') as served:
        yield served


@pytest.fixture(scope='module')
def browser(tmp_path_factory: pytest.TempPathFactory, astronaut: np.ndarray) -> Iterator[Chromium]:
    """Run a browser whose webcam shows the astronaut's head."""
    folder = tmp_path_factory.mktemp('browser')
    (folder / 'webcam.mjpeg').write_bytes(encode('.jpg', astronaut[:240, 80:400]) * 3)
    browser = Chromium(folder / 'profile',
                       f'--use-file-for-fake-video-capture={folder / "webcam.mjpeg"}')
    yield browser
    browser.close()


def visit(served: Served, browser: Chromium) -> None:
    """Open the page as a new visitor and enter the token; its list is there then."""
    browser.go(served.url + '/docs')
    browser.run('sessionStorage.clear()')
    browser.go(served.url + '/')
    browser.until('document.getElementById("ask").open')
    browser.run('document.getElementById("token").focus()')
    browser.call('Input.insertText', text=TOKEN)
    browser.press('Enter', 13)
    browser.until('document.getElementById("rows").textContent')


def test_the_page_works_from_token_to_deletion(served: Served, browser: Chromium, tmp_path: Path,
                                               astronaut: np.ndarray) -> None:
    """One visit: a browser takes its time to start."""
    visit(served, browser)
    browser.until('document.getElementById("rows").textContent === "Nothing here."')

    picture = tmp_path / '<b>Ada.png'
    picture.write_bytes(encode('.png', astronaut[:240, 100:340]))
    browser.choose_file('#file', picture)
    browser.until(f'{MESSAGE}.startsWith("1 face: ")')
    browser.until(f'{ROWS} === 1')
    shares = browser.run('[...document.querySelectorAll(".bars dt")].map(dt => dt.textContent)')
    assert shares == ['Angry', 'Disgust', 'Fear', 'Happy', 'Sad', 'Surprise', 'Neutral']
    assert browser.run('document.querySelector("td.name").textContent') == '<b>Ada.png'
    box = browser.run('[...canvas.getContext("2d").getImageData(80, 100, 1, 1).data]')
    assert box[3] == 255

    picture.write_bytes(b'no picture')
    browser.choose_file('#file', picture)
    browser.until(f'{MESSAGE}.includes("no picture in a known format")')

    browser.run('document.getElementById("webcam").focus()')
    browser.press('Enter', 13)
    browser.until(f'{MESSAGE}.startsWith("1 face: ")')
    assert browser.run('document.activeElement.getAttribute("aria-pressed")') == 'true'
    browser.press('Enter', 13)
    browser.until(f'{ROWS} >= 2')

    browser.run('document.querySelector("#rows td:last-child button").focus()')
    browser.run('loadHistory()')  # what is drawn anew keeps the focus
    deleted = browser.run('document.activeElement.getAttribute("aria-label")')
    browser.press('Enter', 13)
    browser.until(f'!document.querySelector(\'[aria-label="{deleted}"]\')')
    browser.run('window.confirm = () => true; document.getElementById("delete-all").click()')
    browser.until(f'{ROWS} === 0')
    unnamed = [node for node in browser.call('Accessibility.getFullAXTree')['nodes']
               if node.get('role', {}).get('value') in ('button', 'link', 'combobox', 'slider')
               and not node.get('name', {}).get('value')]
    assert unnamed == []
    assert [text for text in browser.failures if '401' not in text and '415' not in text] == []


def test_several_pictures_and_the_history_open_again(served: Served, browser: Chromium,
                                                     tmp_path: Path,
                                                     astronaut: np.ndarray) -> None:
    """Each of them stands in the strip; what cannot be read is told by its name."""
    visit(served, browser)
    pictures = [tmp_path / name for name in ('head.png', 'empty.png', 'broken.png', 'whole.png')]
    empty = np.full((80, 120, 3), 200, np.uint8)
    for path, image in zip(pictures, (astronaut[:240, 100:340], empty, empty, astronaut),
                           strict=True):
        path.write_bytes(encode('.png', image))
    pictures[2].write_bytes(b'no picture')
    browser.choose_file('#file', *pictures)
    browser.until(f'{MESSAGE}.startsWith("broken.png: ")')
    assert browser.run('document.getElementById("strip").children.length') == 3
    assert browser.run('canvas.width') == 512
    browser.run('document.querySelector("#strip button").click()')
    browser.until('canvas.width === 240')
    assert browser.run('document.querySelector("#strip button").ariaCurrent') == 'true'

    bold = 'document.querySelectorAll(".bars dt.on").length'
    browser.run('get("threshold").value = 0; get("threshold").oninput()')
    assert browser.run(bold) == 7
    browser.run('get("threshold").value = 90; get("threshold").oninput()')
    assert browser.run(bold) == 1

    browser.run('window.saved = []; save = (blob, name) => saved.push([blob.type, name])')
    browser.run('get("download").click()')
    browser.until('saved.length')
    assert browser.run('saved[0]') == ['image/png', 'head-emorec.png']

    browser.until('document.querySelectorAll("td.name button").length >= 3')
    browser.run('document.querySelector("td.name button").click()')  # whole.png, not kept
    browser.until(f'canvas.width === 512 && {MESSAGE}.includes("was not kept")')
    assert browser.run('document.querySelectorAll("article.face").length') == 1


def test_labels_of_a_crowd_do_not_overlap(served: Served, browser: Chromium) -> None:
    """Where there is no room for the words, the number of the face stands there."""
    visit(served, browser)
    spots = browser.run("""(() => {
      const faces = [], spots = [], canvas = document.createElement('canvas');
      canvas.width = 1200; canvas.height = 800;
      for (let number = 1; number <= 26; number++) {
        const x = 20 + 85 * ((number - 1) % 13) + number % 3 * 9, y = number > 13 ? 420 : 350;
        faces.push({face_id: number, bbox: [x, y, x + 50, y + 50], emotion: 'Surprise',
                    sure: true, person: number === 3 ? 'Ada' : '',
                    probabilities: {Surprise: .5, Happy: .5}});
      }
      const context = canvas.getContext('2d');
      context.fillRect = (x, y, width, height) => spots.push([x, y, x + width, y + height]);
      drawFaces(context, faces);
      return spots;
    })()""")
    assert len(spots) == 26
    for number, one in enumerate(spots):
        for other in spots[:number]:
            assert (one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
                    or other[3] <= one[1]), (one, other)


def test_the_address_that_is_printed_brings_the_token(browser: Chromium, tmp_path: Path) -> None:
    """It is not asked for, and goes from the address."""
    with Served(tmp_path) as served:
        browser.go(served.url + '/docs')
        browser.run('sessionStorage.clear()')
        browser.go(served.page)
        browser.until('document.getElementById("rows").textContent === "Nothing here."')
        assert browser.run('location.href') == served.url + '/'
        assert not browser.run('document.getElementById("ask").open')
        browser.run('location.reload()')
        browser.until('document.getElementById("rows").textContent === "Nothing here."')


def test_an_overtaken_list_is_not_shown(served: Served, browser: Chromium) -> None:
    """A slow reply that was asked for before a picture came must not hide the picture."""
    visit(served, browser)
    browser.run("""(async () => {
      const real = window.fetch, slow = [];
      window.fetch = async (...asked) => {
        const reply = await real(...asked);
        await new Promise(done => slow.push(done));
        return reply;
      };
      const overtaken = loadHistory();
      while (!slow.length) await new Promise(done => setTimeout(done, 10));
      window.fetch = async () => new Response(JSON.stringify({
        pictures: [{id: 1, received: '2026-01-01T00:00:00', file_name: 'new.png', faces: []}],
        total: 1, next_before: null}));
      await loadHistory();
      slow.forEach(done => done());
      await overtaken;
      window.fetch = real;
    })()""")
    assert browser.run('document.querySelector("td.name")?.textContent') == 'new.png'


def test_two_requests_ask_for_the_token_once(served: Served, browser: Chromium) -> None:
    """Both go on when it is given."""
    visit(served, browser)
    browser.run("""delete sessionStorage.token;
      window.both = Promise.all([ask('/health'), ask('/pictures')]); null""")
    browser.until('document.getElementById("ask").open')
    browser.run(f"""document.getElementById('token').value = '{TOKEN}';
      document.querySelector('#ask button').click()""")
    assert browser.run('both.then(replies => replies.map(reply => reply.status))') == [200, 200]


def test_the_description_is_drawn_without_a_network(served: Served, browser: Chromium) -> None:
    """It names every path."""
    browser.go(served.url + '/docs')
    browser.until('document.querySelectorAll("article").length > 10')
    shown = browser.run('document.body.innerText')
    assert all(path in shown for path in ('/index', '/pictures/{picture_id}', '/export'))
