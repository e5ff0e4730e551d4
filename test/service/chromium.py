# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven through its own pipe (Chrome DevTools Protocol)."""

import base64
import json
import os
from pathlib import Path
import shutil
import subprocess
from time import monotonic
from time import sleep
from typing import Any

from patience import PATIENCE

PROGRAMS = ('chromium', 'chromium-browser', 'google-chrome', 'chrome')
FLAGS = ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
         '--no-first-run', '--remote-debugging-pipe', '--disable-background-networking',
         '--disable-component-update', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
         '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream')
"""No name resolves, so that a page which needs an outside network fails."""


def find_chromium() -> str | None:
    """Return the browser's program."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Chromium:
    """Run a browser with one page; `failures` collects what its console complains of."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.failures: list[str] = []
        self._number = 0
        to_browser, self._commands = os.pipe()
        self._answers, from_browser = os.pipe()
        self._rest = b''
        script = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        self._process = subprocess.Popen(
            ['bash', '-c', script, 'chromium', str(find_chromium()), *FLAGS, *flags,
             f'--user-data-dir={folder}', 'about:blank'],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, 'HOME': str(folder)})
        os.close(to_browser)
        os.close(from_browser)
        self._session: str | None = None
        targets = self.call('Target.getTargets')['targetInfos']
        target = next(each['targetId'] for each in targets if each['type'] == 'page')
        self._session = self.call('Target.attachToTarget', targetId=target,
                                  flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'DOM', 'Log', 'Accessibility'):
            self.call(f'{domain}.enable')

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._number += 1
        command = {'id': self._number, 'method': method, 'params': parameters}
        if self._session:
            command['sessionId'] = self._session
        os.write(self._commands, json.dumps(command).encode() + b'\0')
        while True:
            message = self._next()
            if message.get('id') == self._number:
                assert 'error' not in message, f'{method}: {message["error"]}'
                return message['result']
            self._note(message)

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression, awaited."""
        result = self.call('Runtime.evaluate', expression=script, awaitPromise=True,
                           returnByValue=True)
        assert 'exceptionDetails' not in result, result['exceptionDetails']
        return result['result'].get('value')

    def until(self, script: str, timeout: float = PATIENCE) -> None:
        """Wait until an expression is true."""
        deadline = monotonic() + timeout
        while not self.run(f'Boolean({script})'):
            said = self.run('document.body.innerText')
            assert monotonic() < deadline, f'{script} never came true; {self.failures}; {said}'
            sleep(0.1)

    def go(self, url: str) -> None:
        """Load a page; return when it is there and the one before it is gone."""
        self.run('window.isGone = false; null')
        self.call('Page.navigate', url=url)
        self.until('window.isGone === undefined && document.readyState === "complete" '
                   '&& location.href !== "about:blank"')

    def choose_file(self, selector: str, *paths: Path) -> None:
        """Put files into an input, as a user does who picks them."""
        root = self.call('DOM.getDocument')['root']['nodeId']
        node = self.call('DOM.querySelector', nodeId=root, selector=selector)['nodeId']
        self.call('DOM.setFileInputFiles', nodeId=node, files=[*map(str, paths)])

    def press(self, key: str, code: int) -> None:
        """Press a key."""
        text = {'text': '\r'} if key == 'Enter' else {}
        for kind in ('keyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **text)

    def screenshot(self, path: Path, width: int = 1280, height: int = 900) -> None:
        """Write what the page looks like as PNG."""
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        shot = self.call('Page.captureScreenshot', captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot['data']))

    def close(self) -> None:
        """End the browser."""
        self._session = None
        os.write(self._commands, json.dumps({'id': 0, 'method': 'Browser.close'}).encode()
                 + b'\0')
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)

    def _next(self) -> dict[str, Any]:
        while b'\0' not in self._rest:
            part = os.read(self._answers, 2**20)
            assert part, 'the browser ended'
            self._rest += part
        message, _, self._rest = self._rest.partition(b'\0')
        return json.loads(message)

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get('params', {})
        if message.get('method') == 'Runtime.exceptionThrown':
            self.failures.append(str(parameters['exceptionDetails'].get('exception')))
        elif message.get('method') == 'Log.entryAdded' \
                and parameters['entry']['level'] == 'error':
            self.failures.append(f'{parameters["entry"]["text"]} {parameters["entry"].get("url")}')
