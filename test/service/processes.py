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

    Args:
        folder: it runs in, and keeps its store in.
        arguments: of the command.
        most_files: that it may have open.
        environment: variables beside those of the test.

    Attributes:
        page: the address that it printed.
        url: of the service, without / at its end.
        token, headers: that a caller shows; None and {} without one.
        log: what it wrote so far.
    """

    def __init__(self, folder: Path, *arguments: str, most_files: int | None = None,
                 **environment: str) -> None:
        self.folder = folder
        self.log = ''
        limit = f'ulimit -n {most_files}; exec "$@"'
        limited = ['bash', '-c', limit, '-'] if most_files else []
        self.process = subprocess.Popen(
            [*limited, sys.executable, '-m', 'emorec_cli.main', 'serve', '--port', '0',
             *arguments],
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

    def memory(self, kind: str) -> int:
        """Return the memory of it and its workers in bytes, VmRSS now or VmHWM at most each."""
        return sum(memory_of(pid, kind)
                   for pid in (self.process.pid, *children(self.process.pid)))

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


def memory_of(pid: int, kind: str) -> int:
    """Return the memory of a process in bytes, by the name that /proc has for it."""
    lines = Path(f'/proc/{pid}/status').read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(kind))


def children(parent: int) -> list[int]:
    """Return the processes that a process started and that are not gone."""
    found = []
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            state, ppid = path.read_text().rpartition(')')[2].split()[:2]
        except OSError:
            continue
        if int(ppid) == parent and state != 'Z':
            found.append(int(path.parent.name))
    return found
