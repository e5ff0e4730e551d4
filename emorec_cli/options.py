# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

import argparse


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`, of which '' is the shipped fast one."""
    parser.add_argument(
        '--model', default='', metavar='FILE', help='ONNX emotion model instead of the shipped '
        'fast one, or accurate for the shipped slower and better one')


def add_recognizer(parser: argparse.ArgumentParser) -> None:
    """Add `--recognizer`, of which '' leaves the choice to others, in the end to auto."""
    parser.add_argument(
        '--recognizer', default='', choices=('auto', 'sface', 'lbph'), help='what tells people '
        'apart (otherwise auto: SFace where its weights are installed, else LBPH)')
