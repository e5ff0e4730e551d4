# SPDX-License-Identifier: Apache-2.0
"""What somebody sees while photos are taken: a window, a progress bar, or lines of text."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from collections.abc import Sequence
import os
import subprocess
import sys
from time import monotonic
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.output.standard_error import tell

if TYPE_CHECKING:
    from emorec_vision.faces.crop import FaceCrop

TITLE = 'emorec faces acquire'
KEYS: Mapping[str, str] = {'c': 'take', 'q': 'end'}
GREEN, ORANGE, WHITE = (90, 200, 90), (60, 160, 255), (255, 255, 255)
PROBE = 'import cv2; cv2.namedWindow("probe"); cv2.waitKey(1)'
LINE_EVERY = 2.0
"""Shortest time between two lines of text, s."""


class View(abc.ABC):
    """Show how far it is and what is waited for."""

    @abc.abstractmethod
    def show(self, rgb: Any, faces: Sequence[FaceCrop], taken: int, hint: str) -> str:
        """Show an image uint8 (H, W, 3) and its faces; return the key pressed, or ''."""

    def close(self) -> None:
        """Stop showing."""

    def __enter__(self) -> View:
        """Return the view itself."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Close the view."""
        self.close()


def open_view(name: str, wanted: int, live: bool) -> View:
    """Return a window where there is a screen; else a progress bar, or lines in a log file."""
    if has_screen():
        return Window(wanted)
    return Bar(name, wanted) if sys.stderr.isatty() else Lines(wanted, live)


def has_screen() -> bool:
    """Tell whether a window can be opened: in another process, which a lack of one would end."""
    if not (os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')):
        return False
    try:
        return not subprocess.run([sys.executable, '-c', PROBE], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=10).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


class Window(View):
    """Show the image with its faces; closing it is the key 'q'.

    Args:
        wanted: how many of something there are to be.
        title: of the window.
        keys: what each key does, in words.
    """

    def __init__(self, wanted: int, title: str = TITLE, keys: Mapping[str, str] = KEYS) -> None:
        """Open the window with the first image."""
        self._wanted = wanted
        self._title = title
        self._keys = keys
        self._opened = False

    def show(self, rgb: Any, faces: Sequence[FaceCrop], taken: int, hint: str) -> str:
        """Draw boxes, count and hint."""
        import cv2
        if not self._opened:
            cv2.namedWindow(self._title, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        elif cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1:
            return 'q'
        self._opened = True
        cv2.imshow(self._title, self.drawn(rgb, faces, taken, hint))
        key = cv2.waitKey(1) & 0xFF
        return chr(key) if chr(key) in self._keys else ''

    def drawn(self, rgb: Any, faces: Sequence[FaceCrop], taken: int, hint: str) -> Any:
        """Return the image to show, uint8 (H, W, 3) BGR."""
        import cv2
        image = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        color = ORANGE if hint else GREEN
        for face in faces:
            box = face.box
            cv2.rectangle(image, (box.x, box.y), (box.right, box.bottom), color, 2)
        height, width = image.shape[:2]
        image[height - 34:] //= 3
        text = f'{taken}/{self._wanted}  {hint}'
        cv2.putText(image, text, (10, height - 11), cv2.FONT_HERSHEY_SIMPLEX, 0.6, WHITE, 1,
                    cv2.LINE_AA)
        keys = '  '.join(f'{key}: {what}' for key, what in self._keys.items())
        cv2.putText(image, keys, (max(width - 140, 10), height - 11),
                    cv2.FONT_HERSHEY_SIMPLEX, 0.45, WHITE, 1, cv2.LINE_AA)
        return image

    def close(self) -> None:
        """Close the window."""
        if self._opened:
            import cv2
            cv2.destroyAllWindows()


class Bar(View):
    """Show a progress bar with the hint in a terminal."""

    def __init__(self, name: str, wanted: int) -> None:
        """Start at no photo."""
        import tqdm
        self._bar = tqdm.tqdm(desc=name, total=wanted, unit='photo', file=sys.stderr)
        self._hint = ''

    def show(self, rgb: Any, faces: Sequence[FaceCrop], taken: int, hint: str) -> str:
        """Bring the bar up to date."""
        if hint != self._hint:
            self._hint = hint
            self._bar.set_postfix_str(hint, refresh=True)
        if taken != self._bar.n:
            self._bar.update(taken - self._bar.n)
        return ''

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()


class Lines(View):
    """Write a line when something else is waited for; a film has no one to tell it to."""

    def __init__(self, wanted: int, live: bool) -> None:
        """Start with nothing written."""
        self._wanted = wanted
        self._live = live
        self._hint = ''
        self._written_at = -LINE_EVERY

    def show(self, rgb: Any, faces: Sequence[FaceCrop], taken: int, hint: str) -> str:
        """Write a line, if there is something new to say."""
        if self._live and hint != self._hint and monotonic() - self._written_at >= LINE_EVERY:
            self._hint, self._written_at = hint, monotonic()
            tell(f'{taken} of {self._wanted} photos; {hint or "good, go on"}')
        return ''
