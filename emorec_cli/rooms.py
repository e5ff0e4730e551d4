# SPDX-License-Identifier: Apache-2.0
"""The rooms that a robot's build leaves out unless it is asked for them."""

from importlib.util import find_spec

from emorec_vision.errors import InputError

ASKED_FOR_BY = {'emorec_training': ('make training', 'EMOREC_TRAINING'),
                'emorec_service': ('make service', 'EMOREC_SERVICE')}
"""The target of the Makefile and the option of CMakeLists.txt, by room."""


def require_room(room: str) -> None:
    """Do nothing if a room is installed.

    Raises:
        InputError: if it is not; says what installs it.
    """
    if find_spec(room) is None:
        target, option = ASKED_FOR_BY[room]
        raise InputError(f'{room}, which this command needs, is not installed: run `{target}`; on '
                         f'a robot, build with --cmake-args -D{option}=ON (docs/install-ros.md)')
