#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many photos with closed eyes the contact sheet marks, and how many with open ones.

    .venv/bin/python benchmarks/identity_eyes.py

Of the Yale faces (15 people, all closed in `sleepy`, one eye in `wink`) and of ORL, where a few
of the 400 are closed; each is cut out as `emorec faces train` does.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.people.closed_eyes import EyeCheck  # noqa: E402
from emorec_vision.people.whole_photos import FaceCutter  # noqa: E402

DATA = ROOT.parent / 'shared' / 'data'


def main() -> int:
    """Print a line per set of faces."""
    cv2.setNumThreads(1)
    check, cutter = EyeCheck(), FaceCutter()
    sets = {'yale': sorted((DATA / 'yale').glob('subject*.png')),
            'orl': sorted((DATA / 'identity' / 'orl').glob('s*/*.pgm'))}
    for name, paths in sets.items():
        shown: Counter[str] = Counter()
        marked: Counter[str] = Counter()
        for path in paths:
            condition = path.suffixes[0][1:] if name == 'yale' else 'all'
            try:
                photo = cutter.cut(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
            except InputError:
                continue
            shown[condition] += 1
            if check.are_closed(photo):
                marked[condition] += 1
                if condition != 'sleepy':
                    print(f'  {path.relative_to(DATA)}')
        print(f'{name}, marked of shown: ' + ', '.join(
            f'{condition} {marked[condition]}/{count}' for condition, count in shown.items()))
    return 0


if __name__ == '__main__':
    sys.exit(main())
