# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

import argparse

BAG_TOPICS = {'colour': 'colour images', 'depth': 'depth aligned to them, or none',
              'info': 'camera_info, or none'}


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`, of which '' is the shipped fast one."""
    parser.add_argument(
        '--model', default='', metavar='FILE', help='ONNX emotion model instead of the shipped '
        'fast one, or accurate for the shipped slower and better one, or ferplus for the one of '
        'eight emotions, where it is installed')


def add_bag_topics(parser: argparse.ArgumentParser) -> None:
    """Add `--colour`, `--depth` and `--info`, of which '' leaves the choice to their names."""
    for name, what in BAG_TOPICS.items():
        parser.add_argument(f'--{name}', default='', metavar='TOPIC', help=f'topic of the {what}, '
                            'of a bag; empty: found by its name')


def chosen_source(arguments: argparse.Namespace, source: str) -> str:
    """Return a source with the topics that `add_bag_topics` had a user choose.

    Raises:
        InputError: if there are such topics, and the source is no bag.
    """
    from emorec_vision.sources.bag.names import with_names
    return with_names(source, {name: getattr(arguments, name) for name in BAG_TOPICS})


def add_recognizer(parser: argparse.ArgumentParser) -> None:
    """Add `--recognizer`, of which '' leaves the choice to others, in the end to auto."""
    parser.add_argument(
        '--recognizer', default='', choices=('auto', 'sface', 'lbph'), help='what tells people '
        'apart (otherwise auto: SFace where its weights are installed, else LBPH)')


def add_detector(parser: argparse.ArgumentParser) -> None:
    """Add `--detector`."""
    parser.add_argument(
        '--detector', choices=('auto', 'yunet', 'haar'), default='auto',
        help='what finds faces; auto: YuNet where its weights are installed, else the Haar '
             'cascade')


def add_detector_model(parser: argparse.ArgumentParser) -> None:
    """Add `--detector-model`."""
    parser.add_argument(
        '--detector-model', default='', metavar='FILE', help='find faces with YuNet from this '
        'ONNX file instead of the installed one')
