# SPDX-License-Identifier: Apache-2.0
"""Find the files that emorec ships beside its code: models and configuration."""

import os
from pathlib import Path
import sys

from emorec_vision.errors import InputError


def shipped_file(folder: str, name: str) -> Path:
    """Return a file of models/ or config/.

    It is looked for in the source tree, in the installation that this file is part of, in the
    prefixes of a sourced ROS 2 workspace (nearest first), and in that of Python.

    Raises:
        InputError: if it is in none of the places looked into.
    """
    here = Path(__file__).resolve()
    workspace = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    prefixes = [*here.parents, *map(Path, filter(None, workspace)), Path(sys.prefix)]
    places = [here.parents[2] / folder / name]
    places += [prefix / 'share' / 'emorec' / folder / name for prefix in prefixes]
    for place in places:
        if os.path.isfile(place):
            return place
    raise InputError(f'{name}, which comes with emorec, is missing, expected at {places[0]}; '
                     'install emorec again')
