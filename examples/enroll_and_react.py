# SPDX-License-Identifier: Apache-2.0
"""Enrol whoever is alone in view under a name, then react to the person's confirmed emotions.

Run it beside the graph with ROS sourced: `python3 examples/enroll_and_react.py Ada`, with a number
of photos behind the name if it shall not be the node's own. Beside
`emorec live`, paste the `export` line that it prints, and use `.venv/bin/python`. Ctrl-C while
photos are taken cancels, and none of them is kept.
"""

import sys

from emorec.action import EnrollPerson
from emorec.msg import PersonEmotionArray
import rclpy
from rclpy.action import ActionClient
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

REACTIONS = {'Happy': 'smiles back', 'Sad': 'comes closer', 'Angry': 'steps back',
             'Surprise': 'looks around', 'Fear': 'keeps still', 'Disgust': 'turns away',
             'Neutral': 'waits'}


class Reactions:
    """What the robot does about one person, once per change of the confirmed emotion."""

    def __init__(self, node: Node, name: str) -> None:
        self._name = name
        self._last = ''
        node.create_subscription(PersonEmotionArray, 'emotions', self._on_people, 10)

    def _on_people(self, message: PersonEmotionArray) -> None:
        for person in message.people:
            if person.person == self._name and person.confirmed and person.label != self._last:
                self._last = person.label
                print(f'{self._name} is {person.label}: the robot {REACTIONS[person.label]}',
                      flush=True)


def enroll(node: Node, name: str, num_photos: int) -> bool:
    """Enrol somebody, print the feedback, and tell whether it went well."""
    client = ActionClient(node, EnrollPerson, 'identity/enroll_person')
    client.wait_for_server()
    sent = client.send_goal_async(
        EnrollPerson.Goal(name=name, num_photos=num_photos), lambda message: print(
            f'{message.feedback.photos} of {message.feedback.wanted} {message.feedback.hint}',
            flush=True))
    rclpy.spin_until_future_complete(node, sent)
    handle = sent.result()
    done = handle.get_result_async()
    try:
        rclpy.spin_until_future_complete(node, done)
    except KeyboardInterrupt:
        handle.cancel_goal_async()
        rclpy.spin_until_future_complete(node, done)
    result = done.result().result
    print(result.message, flush=True)
    return bool(result.success)


def main() -> int:
    """Enrol, and react until Ctrl-C."""
    # Ctrl-C shall leave ROS up until the goal is cancelled.
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('companion')
    name, *num_photos = rclpy.utilities.remove_ros_args(sys.argv)[1:]
    if not enroll(node, name, int(num_photos[0]) if num_photos else 0):
        return 1
    Reactions(node, name)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    return 0


if __name__ == '__main__':
    sys.exit(main())
