# SPDX-License-Identifier: Apache-2.0
"""What is worked out from pixels, depth and labels; no ROS and no Keras in here.

The names in __all__ are for other programs; docs/library.md shows them at work.
"""
from importlib import import_module
import os
from typing import Any
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emorec_vision.errors import InputError
    from emorec_vision.geometry import Intrinsics
    from emorec_vision.reader.reader import EmotionReader
    from emorec_vision.reader.reader import EmotionStream
    from emorec_vision.reader.readings import FaceReading
    from emorec_vision.reader.readings import PersonReading
    from emorec_vision.reader.tables import to_pandas
    from emorec_vision.reader.tables import to_supervision

# ONNX Runtime's wheels have telemetry to Microsoft that is on unless this is set first. What a
# robot sees and when it runs is nobody else's business.
os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')

HOMES = {
    'EmotionReader': 'reader.reader', 'EmotionStream': 'reader.reader',
    'FaceReading': 'reader.readings', 'PersonReading': 'reader.readings',
    'to_pandas': 'reader.tables', 'to_supervision': 'reader.tables',
    'InputError': 'errors', 'Intrinsics': 'geometry'}
"""The public names, and the module of each: none is imported before it is asked for."""
__all__ = ['EmotionReader', 'EmotionStream', 'FaceReading', 'InputError', 'Intrinsics',
           'PersonReading', 'to_pandas', 'to_supervision']


def __getattr__(name: str) -> Any:
    """Return a public name from the module that has it."""
    if name not in HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{HOMES[name]}'), name)
