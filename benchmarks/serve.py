#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure `emorec serve` with 1 to 16 clients against detector and model alone, in one run.

Prints JSON. `bare` is detector and model on decoded pictures, in as many threads as the service
has workers, as pictures per second; `bare_decoding` decodes them first. For each number of
clients: `per_second`, `p50_ms` and `p95_ms` of whole requests, `refused` (503), and
  share         1 - per_second / bare: what decoding, HTTP, JSON and the store cost together
  own_share     1 - per_second / bare_decoding: what the service itself costs
The bare figures are measured before and after each number of clients and averaged, because a
shared machine changes its speed. --clients 1 keeps one worker busy only and is compared with
one bare thread.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
import http.client
import json
from pathlib import Path
import re
import subprocess
import sys
import tempfile
from time import perf_counter
import uuid

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_service.pictures import open_picture  # noqa: E402
from emorec_service.settings import usable_cores  # noqa: E402
from emorec_vision.emotion_model import EmotionModel  # noqa: E402
from emorec_vision.emotion_model import model_path  # noqa: E402
from emorec_vision.still_faces import StillFaces  # noqa: E402
import numpy as np  # noqa: E402
import skimage.data  # noqa: E402

PIXELS = 10**9


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('pictures', nargs='?', type=Path,
                        help='folder with pictures (default: one portrait, 512x512)')
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
            result = measure(service.port, files, clients, arguments.seconds)
            after = bare.rates(busy, arguments.seconds / 2)
            plain, decoding = ((one + other) / 2 for one, other in zip(before, after))
            results.append({
                'clients': clients, **result, 'bare': round(plain, 2),
                'bare_decoding': round(decoding, 2),
                'share': round(1 - result['per_second'] / plain, 3),
                'own_share': round(1 - result['per_second'] / decoding, 3)})
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    print(json.dumps({'pictures': len(files), 'workers': workers, 'results': results}, indent=1))
    return 0


def load(folder: Path | None) -> list[bytes]:
    """Return the bytes of the picture files in a folder, or of one portrait."""
    if folder is None:
        bgr = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
        return [cv2.imencode('.jpg', bgr)[1].tobytes()]
    paths = sorted(path for path in folder.rglob('*') if path.suffix.lower()
                   in ('.jpg', '.png', '.gif', '.pgm') and cv2.haveImageReader(str(path)))
    files = []
    for path in paths:
        picture = cv2.imread(str(path))
        if picture is not None:  # formats that the service does not take become JPEG
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

    def rates(self, threads: int, seconds: float) -> tuple[float, float]:
        """Return pictures per second without and with decoding."""
        plain = self._rate(threads, seconds / 2, lambda finder, at: finder.predict(
            self._pixels[at]))
        decoding = self._rate(threads, seconds / 2, lambda finder, at: finder.predict(
            open_picture(self._files[at], PIXELS).pixels))
        return plain, decoding

    def _rate(self, threads: int, seconds: float,
              work: Callable[[StillFaces, int], object]) -> float:
        end = perf_counter() + seconds

        def run(finder: StillFaces) -> float:
            done, start = 0, perf_counter()
            while perf_counter() < end:
                work(finder, done % len(self._files))
                done += 1
            return done / (perf_counter() - start)
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(run, self._finders[:threads]))


class Service:
    """Run `emorec serve` with a store of its own while the with block lasts."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'emorec_cli.main', 'serve', '--port', '0', '--db',
             f'sqlite:///{folder}/results.db'], stderr=subprocess.PIPE, text=True, cwd=ROOT)
        line = self._process.stderr.readline() if self._process.stderr else ''
        found = re.search(r':(\d+)/', line)
        if found is None:
            raise SystemExit(f'the service did not start: {line}')
        self.port = int(found[1])

    def __enter__(self) -> 'Service':
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()


def measure(port: int, files: list[bytes], clients: int, seconds: float) -> dict[str, float]:
    """Return the rate and the times of whole requests, each client one after another."""
    end = perf_counter() + seconds

    def run(number: int) -> tuple[list[float], int]:
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        times, refused, at = [], 0, number
        while (start := perf_counter()) < end:
            body, kind = form(files[at % len(files)])
            connection.request('POST', '/pictures', body, {'Content-Type': kind})
            reply = connection.getresponse()
            reply.read()
            times.append(perf_counter() - start)
            refused += reply.status == 503
            at += 1
        return times, refused
    start = perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        runs = list(pool.map(run, range(clients)))
    seconds = perf_counter() - start
    times = np.concatenate([times for times, _ in runs])
    refused = sum(refused for _, refused in runs)
    p50, p95 = 1000 * np.percentile(times, [50, 95])
    return {'per_second': round((len(times) - refused) / seconds, 2), 'p50_ms': round(p50, 1),
            'p95_ms': round(p95, 1), 'refused': refused}


def form(data: bytes) -> tuple[bytes, str]:
    """Return the body of a form with one picture, and its media type."""
    edge = uuid.uuid4().hex
    head = (f'--{edge}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n'
            'Content-Type: image/jpeg\r\n\r\n')
    return (head.encode() + data + f'\r\n--{edge}--\r\n'.encode(),
            f'multipart/form-data; boundary={edge}')


if __name__ == '__main__':
    raise SystemExit(main())
