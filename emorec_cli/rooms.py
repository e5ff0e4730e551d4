# SPDX-License-Identifier: Apache-2.0
"""The rooms that a robot's build leaves out unless it is asked for them."""

from importlib.util import find_spec

from emorec_vision.errors import InputError

ASKED_FOR_BY = {'emorec_training': ('make training', 'training', 'EMOREC_TRAINING'),
                'emorec_service': ('make service', 'serve', 'EMOREC_SERVICE')}
"""By room: the target of the Makefile, the extra of pip, and the option of CMakeLists.txt."""


def require_room(room: str, *libraries: str) -> None:
    """Do nothing if a room, and libraries that it needs, are installed.

    Raises:
        InputError: if one of them is not; says what installs them.
    """
    missing = [name for name in (room, *libraries) if find_spec(name) is None]
    if missing:
        target, extra, option = ASKED_FOR_BY[room]
        raise InputError(
            f'this command needs what is not installed ({", ".join(missing)}): run `{target}` in '
            f'a checkout of emorec, or pip install "emorec[{extra}]"; on a robot, build with '
            f'--cmake-args -D{option}=ON (docs/install-ros.md)')
