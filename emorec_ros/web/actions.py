# SPDX-License-Identifier: Apache-2.0
"""What the buttons of a dashboard ask nodes for."""

from collections.abc import Callable
from typing import Any

from emorec.srv import Enroll
from emorec.srv import Forget
from emorec.srv import LearnExpressions
from emorec.srv import Rename
from rclpy.node import Node
from std_srvs.srv import SetBool
from std_srvs.srv import Trigger

PHOTOS = 20
"""Of a person who is enrolled."""
SERVICES: dict[str, tuple[type, str]] = {
    'enrol': (Enroll, 'identity/enroll'), 'rename': (Rename, 'identity/rename'),
    'forget': (Forget, 'identity/forget'),
    'learn': (LearnExpressions, 'emotion/learn_expressions'),
    'skip': (Trigger, 'emotion/skip_expression'), 'switch': (SetBool, 'face_detector/set_enabled')}
"""Type and name of the service of each action."""


class Actions:
    """Calls services, and tells what becomes of it.

    Args:
        node: that calls.
        tell: gets a line, and whether it is bad; from the thread of the node's executor.
    """

    def __init__(self, node: Node, tell: Callable[[str, bool], None]) -> None:
        self._tell = tell
        self._clients = {action: node.create_client(kind, service)
                         for action, (kind, service) in SERVICES.items()}

    def begin(self, action: str, fields: dict[str, Any]) -> None:
        """Ask for something, from any thread; the answer is told later."""
        client = self._clients[action]
        if not client.service_is_ready():
            self._tell(f'nobody offers {client.srv_name} now', True)
            return
        request, asked = _request(action, fields)
        self._tell(asked, False)
        client.call_async(request).add_done_callback(lambda future: self._answered(asked, future))

    def _answered(self, asked: str, future: Any) -> None:
        if (error := future.exception()) is not None:
            self._tell(f'{asked}: {error}', True)
            return
        answer = future.result()
        said = answer.message or ('done' if answer.success else 'it was refused')
        self._tell(f'{asked}: {said}', not answer.success)


def _request(action: str, fields: dict[str, Any]) -> tuple[Any, str]:
    """Return the request of an action, and what it is called."""
    name = fields.get('name', '')
    if action == 'enrol':
        return Enroll.Request(name=name, num_photos=PHOTOS,
                              track_id=fields['track_id']), f'enrol {name}'
    if action == 'rename':
        return Rename.Request(
            name=name, new_name=fields['new_name']), f'rename {name} to {fields["new_name"]}'
    if action == 'forget':
        return Forget.Request(name=name), f'forget {name}'
    if action == 'learn':
        return LearnExpressions.Request(
            name=name, expressions=fields['expressions']), f'learn the expressions of {name}'
    if action == 'switch':
        return SetBool.Request(data=fields['enabled']), (
            'look at faces' if fields['enabled'] else 'stop looking at faces')
    return Trigger.Request(), 'skip this expression'
