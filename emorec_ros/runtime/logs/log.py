# SPDX-License-Identifier: Apache-2.0
"""The log of a node: short lines of printable text, and few of what repeats."""

from threading import Lock
from time import monotonic
import traceback
from typing import Any

from emorec_ros.runtime.logs.repeats import Repeats
from emorec_vision.one_line import one_line


class Log:
    """What a node has for a logger; everything else of the logger is as it was.

    Args:
        logger: of rclpy.
    """

    def __init__(self, logger: Any) -> None:
        self._logger = logger
        self._repeats = Repeats()
        self._lock = Lock()
        # rclpy tells callers apart by their line, each of which must keep to one level
        self._by_level = {
            'debug': lambda text: logger.debug(text), 'info': lambda text: logger.info(text),
            'warning': lambda text: logger.warning(text),
            'error': lambda text: logger.error(text), 'fatal': lambda text: logger.fatal(text)}

    def debug(self, text: str) -> None:
        """Log for developers, all of it."""
        self._by_level['debug'](one_line(text))

    def info(self, text: str) -> None:
        """Log what is worth knowing."""
        self._offer('info', text)

    def warning(self, text: str, once: bool = False) -> None:
        """Log what is wrong; `once`: it will stay so, once is enough."""
        self._offer('warning', text, once)

    def error(self, text: str) -> None:
        """Log what stops the node from working."""
        self._offer('error', text)

    def fatal(self, text: str) -> None:
        """Log what ends the node."""
        self._by_level['fatal'](one_line(text))

    def tell_due(self) -> None:
        """Print what was left out a while ago; to be called now and then."""
        with self._lock:
            for level, text in self._repeats.due(monotonic()):
                self._by_level[level](text)

    def _offer(self, level: str, text: str, once: bool = False) -> None:
        with self._lock:
            for line in self._repeats.offer(level, one_line(text), monotonic(), once):
                self._by_level[level](line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name)


def traceback_text(error: BaseException) -> str:
    """Return an error with its traceback; no text in it can pass for another line."""
    entries = traceback.format_exception(error)
    return '\n'.join(entry.rstrip('\n') if entry.startswith('  File ') else one_line(entry.strip())
                     for entry in entries)
