# SPDX-License-Identifier: Apache-2.0
"""Greet, in a behaviour tree of py_trees, whenever somebody engages with the robot.

Run it beside the graph with ROS sourced and py_trees installed:
`python3 examples/tree_somebody_engaged.py`. SomebodyEngaged is a condition for your own trees.
"""

from emorec.msg import PeopleSummary
import py_trees
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile

TICK_S = 0.2


class SomebodyEngaged(py_trees.behaviour.Behaviour):
    """Succeed while somebody is near and faces the camera; needs setup(node=...)."""

    def setup(self, node: Node) -> None:
        """Follow who is there."""
        self.people = []
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        node.create_subscription(PeopleSummary, 'people_summary', self.on_summary, latched)

    def on_summary(self, message: PeopleSummary) -> None:
        """Take who is there; what nobody watches for is not known."""
        self.people = message.people if message.watching else []

    def update(self) -> py_trees.common.Status:
        """Tell whether somebody is engaged."""
        engaged = any(person.engaged for person in self.people)
        return py_trees.common.Status.SUCCESS if engaged else py_trees.common.Status.FAILURE


class Greet(py_trees.behaviour.Behaviour):
    """Say hello, once."""

    def update(self) -> py_trees.common.Status:
        """Say it."""
        print('Hello!', flush=True)
        return py_trees.common.Status.SUCCESS


def main() -> None:
    """Tick until Ctrl-C."""
    rclpy.init()
    node = rclpy.create_node('tree_somebody_engaged')
    # with memory, so that one visit is greeted once: the tree waits until nobody is engaged
    root = py_trees.composites.Sequence('greet visitors', memory=True, children=[
        py_trees.decorators.FailureIsRunning('wait', SomebodyEngaged('engaged?')),
        Greet('greet'),
        py_trees.decorators.SuccessIsRunning('stay', SomebodyEngaged('still engaged?'))])
    tree = py_trees.trees.BehaviourTree(root)
    tree.setup(node=node)
    node.create_timer(TICK_S, tree.tick)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == '__main__':
    main()
