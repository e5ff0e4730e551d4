#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure `emorec serve` with 1 to 16 clients against detector and model alone, in one run.

Prints JSON. `bare` is detector and model on decoded pictures, in as many threads as the service
has workers, as pictures per second; `bare_decoding` decodes them first. For each number of
clients: `per_second`, `p50_ms` and `p95_ms` of whole requests, `refused` (503), and
  share         1 - per_second / bare: what decoding, HTTP, JSON and the store cost together
  own_share     1 - per_second / bare_decoding: what the service itself costs
  cpu_ms        CPU time of the service for a picture
  cpu_share     1 - CPU time of bare / cpu_ms, which other load on the machine does not change
  cpu_own_share the same with bare_decoding
The bare figures are measured before and after each number of clients and averaged, because a
shared machine changes its speed. --clients 1 keeps one worker busy only and is compared with
one bare thread.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
import http.client
import json
import os
from pathlib import Path
import re
import subprocess
import sys
import tempfile
from time import perf_counter
from time import thread_time
import uuid

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_service.pictures.decode import open_picture  # noqa: E402
from emorec_service.settings import usable_cores  # noqa: E402
from emorec_vision.emotion.model import EmotionModel  # noqa: E402
from emorec_vision.emotion.model import model_path  # noqa: E402
from emorec_vision.reader.stills import StillFaces  # noqa: E402
from emorec_vision.sources.demo.portrait import load_portrait  # noqa: E402
import numpy as np  # noqa: E402

PIXELS = 10**9
PICTURES = 6
"""Taken evenly from a folder; every thread and client goes round all of them, again and again,
so that the sizes mix alike."""


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('pictures', nargs='?', type=Path, help='folder, of which six pictures '
                        'are taken (default: one portrait, 512x512)')
    parser.add_argument('--clients', type=int, nargs='+', default=[1, 2, 4, 8, 16])
    parser.add_argument('--seconds', type=float, default=8.0, help='of each measurement')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    files = load(arguments.pictures)
    workers = usable_cores()
    bare = Bare(files, workers)
    results = []
    with tempfile.TemporaryDirectory() as folder, Service(Path(folder)) as service:
        for clients in arguments.clients:
            busy = min(clients, workers)
            before = bare.rates(busy, arguments.seconds / 2)
            result = measure(service, files, clients, arguments.seconds)
            after = bare.rates(busy, arguments.seconds / 2)
            results.append({'clients': clients, **result, **compare(result, before, after)})
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    print(json.dumps({'pictures': len(files), 'workers': workers, 'results': results}, indent=1))
    return 0


def load(folder: Path | None) -> list[bytes]:
    """Return the bytes of some picture files in a folder, as JPEG, or of one portrait."""
    if folder is None:
        bgr = cv2.cvtColor(load_portrait(), cv2.COLOR_RGB2BGR)
        return [cv2.imencode('.jpg', bgr)[1].tobytes()]
    paths = sorted(path for path in folder.rglob('*') if path.suffix.lower()
                   in ('.jpg', '.png', '.gif', '.pgm') and cv2.haveImageReader(str(path)))
    files = []
    for path in paths[::max(1, len(paths) // PICTURES)][:PICTURES]:
        picture = cv2.imread(str(path))
        if picture is not None:
            files.append(cv2.imencode('.jpg', picture)[1].tobytes())
    if not files:
        raise SystemExit(f'no pictures in {folder}')
    return files


class Bare:
    """Run detector and model on the pictures, without a service."""

    def __init__(self, files: list[bytes], threads: int) -> None:
        model = EmotionModel(model_path(''))
        self._files = files
        self._pixels = [open_picture(data, PIXELS).pixels for data in files]
        self._finders = [StillFaces(model) for _ in range(threads)]

    def rates(self, threads: int, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """Return pictures per second and CPU ms per picture, without and with decoding."""
        plain = self._rate(threads, seconds / 2, lambda finder, at: finder.predict(
            self._pixels[at]))
        decoding = self._rate(threads, seconds / 2, lambda finder, at: finder.predict(
            open_picture(self._files[at], PIXELS).pixels))
        return plain, decoding

    def _rate(self, threads: int, seconds: float,
              work: Callable[[StillFaces, int], object]) -> np.ndarray:
        end = perf_counter() + seconds

        def run(finder: StillFaces) -> tuple[float, float]:
            done, start, cpu = 0, perf_counter(), thread_time()
            while perf_counter() < end or done % len(self._files):
                work(finder, done % len(self._files))
                done += 1
            return done / (perf_counter() - start), 1000 * (thread_time() - cpu) / done
        with ThreadPoolExecutor(threads) as pool:
            rates, times = zip(*pool.map(run, self._finders[:threads]))
        return np.array([sum(rates), np.mean(times)])


class Service:
    """Run `emorec serve` with a store of its own while the with block lasts."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'emorec_cli.main', 'serve', '--port', '0', '--no-token', '--db',
             f'sqlite:///{folder}/results.db'], stderr=subprocess.PIPE, text=True, cwd=ROOT)
        line = self._process.stderr.readline() if self._process.stderr else ''
        found = re.search(r':(\d+)/', line)
        if found is None:
            raise SystemExit(f'the service did not start: {line}')
        self.port = int(found[1])
        pid = self._process.pid
        self._processes = [pid, *(
            int(path.parent.name) for path in Path('/proc').glob('[0-9]*/stat')
            if path.read_text().rpartition(')')[2].split()[1] == str(pid))]

    def cpu_ms(self) -> float:
        """Return the CPU time that the service and its workers have used so far."""
        processes = [path.read_text().rpartition(')')[2].split()
                     for path in Path('/proc').glob('[0-9]*/stat')
                     if int(path.parent.name) in self._processes]
        return 1000 * sum(int(fields[11]) + int(fields[12]) for fields in processes
                          ) / os.sysconf('SC_CLK_TCK')

    def __enter__(self) -> 'Service':
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()


def compare(result: dict[str, float], before: tuple[np.ndarray, np.ndarray],
            after: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    """Return the bare figures and the shares of the service beyond them."""
    plain, decoding = ((one + other) / 2 for one, other in zip(before, after))
    figures = {
        'bare': plain[0], 'bare_decoding': decoding[0],
        'share': 1 - result['per_second'] / plain[0],
        'own_share': 1 - result['per_second'] / decoding[0],
        'bare_cpu_ms': plain[1], 'bare_decoding_cpu_ms': decoding[1],
        'cpu_share': 1 - plain[1] / result['cpu_ms'],
        'cpu_own_share': 1 - decoding[1] / result['cpu_ms']}
    return {name: round(float(value), 3) for name, value in figures.items()}


def measure(service: Service, files: list[bytes], clients: int,
            seconds: float) -> dict[str, float]:
    """Return the rate and the times of whole requests, each client one after another."""
    end = perf_counter() + seconds

    def run(number: int) -> tuple[list[float], int, float]:
        connection = http.client.HTTPConnection('127.0.0.1', service.port, timeout=60)
        times: list[float] = []
        refused, begin = 0, perf_counter()
        while (start := perf_counter()) < end or len(times) % len(files):
            body, kind = form(files[(number + len(times)) % len(files)])
            connection.request('POST', '/pictures', body, {'Content-Type': kind})
            reply = connection.getresponse()
            reply.read()
            times.append(perf_counter() - start)
            refused += reply.status == 503
        return times, refused, (len(times) - refused) / (perf_counter() - begin)
    cpu = service.cpu_ms()
    with ThreadPoolExecutor(clients) as pool:
        runs = list(pool.map(run, range(clients)))
    cpu = (service.cpu_ms() - cpu) / sum(len(times) for times, _, _ in runs)
    p50, p95 = 1000 * np.percentile(np.concatenate([times for times, _, _ in runs]), [50, 95])
    return {'per_second': round(sum(rate for _, _, rate in runs), 2), 'p50_ms': round(p50, 1),
            'p95_ms': round(p95, 1), 'cpu_ms': round(cpu, 1),
            'refused': sum(refused for _, refused, _ in runs)}


def form(data: bytes) -> tuple[bytes, str]:
    """Return the body of a form with one picture, and its media type."""
    edge = uuid.uuid4().hex
    head = (f'--{edge}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n'
            'Content-Type: image/jpeg\r\n\r\n')
    return (head.encode() + data + f'\r\n--{edge}--\r\n'.encode(),
            f'multipart/form-data; boundary={edge}')


if __name__ == '__main__':
    raise SystemExit(main())
