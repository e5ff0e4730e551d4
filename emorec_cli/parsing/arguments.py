# SPDX-License-Identifier: Apache-2.0
"""Types of numbers for options, which refuse in one line what they do not take."""

import argparse
import math

MOST_DIGITS = 9
LAST_PORT = 65535


def positive_float(text: str) -> float:
    """Return a finite number above 0.

    Raises:
        argparse.ArgumentTypeError: if the text is none.
    """
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f'{text} is not a positive number')
    return number


def not_negative_float(text: str) -> float:
    """Return a finite number of 0 or more.

    Raises:
        argparse.ArgumentTypeError: if the text is none.
    """
    number = _number(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f'{text} is not a number of 0 or more')
    return number


def share(text: str) -> float:
    """Return a number of 0 to 1.

    Raises:
        argparse.ArgumentTypeError: if the text is none.
    """
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f'{text} is not a number from 0 to 1')
    return number


def positive_int(text: str) -> int:
    """Return a whole number of 1 or more, of at most MOST_DIGITS digits.

    Raises:
        argparse.ArgumentTypeError: if the text is none.
    """
    number = int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'{text} is not a whole number of 1 or more')
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def port(text: str) -> int:
    """Return the number of a port, 0 for a free one.

    Raises:
        argparse.ArgumentTypeError: if the text is none.
    """
    if not (text.isdecimal() and len(text) <= 5 and int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f'{text!r} is no port: give 0 to {LAST_PORT}')
    return int(text)
