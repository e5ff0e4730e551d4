# SPDX-License-Identifier: Apache-2.0
"""`emorec serve` as a process of its own."""

import os
from pathlib import Path
import re
import subprocess
import sys
from threading import Thread
from typing import Any

from patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


class Served:
    """Run `emorec serve` on a free port until the with block ends.

    Attributes:
        page: the address that it printed.
        url: of the service, without / at its end.
        token, headers: that a caller shows; None and {} without one.
        log: what it wrote so far.
    """

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        self.log = ''
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'emorec_cli.main', 'serve', '--port', '0', *arguments],
            cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            env={**os.environ, 'PYTHONPATH': str(ROOT), 'XDG_DATA_HOME': str(folder),
                 **environment})
        assert self.process.stderr is not None
        self.log = self.process.stderr.readline()
        found = re.search(r'(http://\S+?:\d+)/(?:\?token=(\w+))?', self.log)
        assert found, self.log + self.process.stderr.read()
        self.page, self.url, self.token = found[0], found[1], found[2]
        self.headers = {'authorization': f'Bearer {self.token}'} if self.token else {}
        Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> 'Served':
        return self

    def __exit__(self, *error: Any) -> None:
        self.end()

    def end(self) -> int:
        """End it as Ctrl-C does and return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()

    def _read(self) -> None:
        for line in self.process.stderr or ():
            self.log += line
