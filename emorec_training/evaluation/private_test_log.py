# SPDX-License-Identifier: Apache-2.0
"""The log of every reading of PrivateTest."""

from collections.abc import Iterator
import csv
import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from emorec_training.evaluation.ensemble import Ensemble
from emorec_training.evaluation.tta import VIEWS
from emorec_training.provenance import file_sha256
from emorec_training.provenance import revision
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.files.whole_file import append

PRIVATE_LOG = Path(__file__).resolve().parents[2] / 'docs' / 'private_test.csv'
COLUMNS = ('date', 'revision', 'model', 'model_sha256', 'accuracy', 'pictures', 'labels')


def log_private_read(ensemble: Ensemble, figures: dict[str, Any]) -> None:
    """Append a line to PRIVATE_LOG for each model and each way that `figures` measure it.

    Args:
        ensemble: the models.
        figures: what `evaluate.evaluate` returned.

    Raises:
        InputError: if that cannot be written; then the figures are not to be shown.
    """
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    names = [_name(member.path) for member in ensemble.members]
    hashes = [file_sha256(member.path) for member in ensemble.members]
    lines = [(today, revision(), model, sha256, f'{part["accuracy"]:.4f}', part['pictures'],
              _labels(figures))
             for model, sha256, part in _reads(names, hashes, figures)]
    try:
        text = StringIO()
        csv.writer(text, lineterminator='\n').writerows(
            lines if PRIVATE_LOG.exists() else [COLUMNS, *lines])
        append(PRIVATE_LOG, text.getvalue().encode())
    except OSError as error:
        raise InputError(f'{PRIVATE_LOG}: cannot be written ({error.strerror}), so PrivateTest '
                         'is not read; run this in a checkout of emorec') from error


def _reads(names: list[str], hashes: list[str],
           figures: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield model, hash and figures of everything that was measured."""
    views = figures['views']
    suffix = '' if views == 'none' else f' ({VIEWS[views]})'
    if 'whole_picture' in figures:
        suffix += ' (faces found by the detector)'
    model, sha256 = ' + '.join(names), ' + '.join(hashes)
    yield model + suffix, sha256, figures
    for name, own_hash, member in zip(names, hashes, figures.get('members', ())):
        yield name + suffix, own_hash, member
    if 'without_augmentation' in figures:
        yield model, sha256, figures['without_augmentation']
    if 'whole_picture' in figures:
        yield f'{model} (images in which the detector finds a face)', sha256, figures[
            'whole_picture']


def _name(path: Path) -> str:
    """Return the last two parts of a path, which say which run a model.keras belongs to."""
    return '/'.join(path.resolve().parts[-2:])


def _labels(figures: dict[str, Any]) -> str:
    names = figures['labels']
    is_whole = tuple(names) == EMOTIONS
    return f'{figures["label_scheme"]}{"" if is_whole else ": " + " ".join(names)}'
