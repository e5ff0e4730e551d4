# SPDX-License-Identifier: Apache-2.0
"""The events of people as messages."""

from emorec.msg import PersonEvent
from emorec_vision.emotion.visit import Event


def test_the_constants_are_those_of_the_rules() -> None:
    """Each event of emorec_vision has its number in PersonEvent.msg, and there are no others."""
    constants = {name: getattr(PersonEvent, name) for name in dir(PersonEvent) if name.isupper()}
    assert {event.name: event.value for event in Event}.items() <= constants.items()
    assert {name for name in constants if name not in Event.__members__} <= {
        'SLOT_TYPES'}
