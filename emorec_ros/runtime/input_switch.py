# SPDX-License-Identifier: Apache-2.0
"""Take input only while a node is on and, if it is lazy, while somebody wants its output."""

from collections.abc import Callable
from collections.abc import Sequence
from time import monotonic
from typing import Any

from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.timers import steady_timer
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from std_srvs.srv import SetBool

ENABLED = 'whether the node works; ~/set_enabled sets it too'
LAZY = 'work only while somebody subscribes to what the node publishes'
LOOK_EVERY = 0.2
"""Seconds between two looks at who subscribes."""
LINGER = 1.0
"""Seconds for which a lazy node goes on after the last subscriber left."""
RUNNING = 'running'
OFF = 'switched off (parameter enabled, service ~/set_enabled)'
UNWANTED = 'waiting (parameter lazy): nobody subscribes'

Close = Callable[[], object]


class InputSwitch:
    """The input of a node, which is there only while the node is on and wanted.

    A lazy node is wanted while somebody subscribes to one of its outputs. Such nodes one behind
    the other wake each other up, from the last one to the camera.

    Args:
        node: whose settings have `lazy`, and `enabled` where it can be switched off.
        inputs: each opens one input and returns what closes it.
        outputs: each counts who listens to one of the things published from the input.
        busy: tells whether the node needs its input for something else.

    Attributes:
        is_open: whether the input is there.
    """

    def __init__(self, node: EmorecNode[Any], inputs: Sequence[Callable[[], Close]],
                 outputs: Sequence[Callable[[], int]],
                 busy: Callable[[], bool] = lambda: False) -> None:
        self.is_open = False
        self._node = node
        self._inputs = inputs
        self._outputs = outputs
        self._busy = busy
        self._closing: list[Close] = []
        self._wanted_at = -LINGER
        self._timer = steady_timer(
            node, LOOK_EVERY, lambda: self.update(node.settings), autostart=False)
        self.update(node.settings)

    def update(self, settings: Any) -> None:
        """Open or close the input as the settings and the subscribers ask for."""
        if settings.lazy == self._timer.is_canceled():
            (self._timer.reset if settings.lazy else self._timer.cancel)()
        is_on = getattr(settings, 'enabled', True)
        wanted = not settings.lazy or self._is_wanted(monotonic())
        self._node.health.state = OFF if not is_on else RUNNING if wanted else UNWANTED
        if (is_on and wanted) == self.is_open:
            return
        self.is_open = not self.is_open
        if self.is_open:
            self._closing = [open_input() for open_input in self._inputs]
        else:
            self._close_all()

    def renew(self) -> None:
        """Close the input and open it anew, if it is there: its reader may hear nothing."""
        if self.is_open:
            self._close_all()
            self._closing = [open_input() for open_input in self._inputs]

    def _close_all(self) -> None:
        for close in self._closing:
            close()
        self._closing = []

    def _is_wanted(self, now: float) -> bool:
        if self._busy() or any(count() for count in self._outputs):
            self._wanted_at = now
        return now - self._wanted_at < LINGER


def subscribing(node: EmorecNode[Any], kind: type, topic: str, callback: Callable[[Any], None],
                qos: QoSProfile) -> Callable[[], Close]:
    """Return an input of an InputSwitch that is a subscription."""
    def subscribe() -> Close:
        subscription = node.create_subscription(kind, topic, callback, qos)
        return lambda: node.destroy_subscription(subscription)
    return subscribe


def offer_set_enabled(node: EmorecNode[Any], is_done: Callable[[bool], bool]) -> None:
    """Offer the service ~/set_enabled, which sets the parameter `enabled`.

    Args:
        node: whose settings have it.
        is_done: waits until what was asked for is true, and tells whether it is.
    """
    def answer(request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        result, = node.set_parameters([Parameter('enabled', value=request.data)])
        response.success = result.successful and is_done(request.data)
        response.message = result.reason or ('on' if request.data else 'off')
        if result.successful and not response.success:
            response.message += ' was asked for, but the device does not come to an end yet'
        return response
    node.create_service(SetBool, '~/set_enabled', answer)
