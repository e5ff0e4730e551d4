# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, and the numbers that they take."""

import argparse


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`, of which '' is the shipped fast one."""
    parser.add_argument(
        '--model', default='', metavar='FILE', help='ONNX emotion model instead of the shipped '
        'fast one, or accurate for the shipped slower and better one')


def positive(text: str) -> float:
    """Return a positive, finite number.

    Raises:
        ValueError: if it is no number.
        argparse.ArgumentTypeError: if it is another one.
    """
    value = float(text)
    if not 0 < value < float('inf'):
        raise argparse.ArgumentTypeError(f'{text} is not a positive number')
    return value
