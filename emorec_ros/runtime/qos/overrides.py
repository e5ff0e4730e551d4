# SPDX-License-Identifier: Apache-2.0
"""Parameters qos_overrides.TOPIC.ENTITY.POLICY, by which a user changes the QoS of a topic.

Names and values are those of rclcpp and rclpy. rclpy's own QoSOverridingOptions would change the
profile that it is given, which topics share here, and end the node with a traceback where a value
does not fit.
"""

from dataclasses import replace
from typing import Any

from emorec_ros.runtime.parameters import declare_one
from emorec_ros.runtime.parameters import Parameter
from emorec_ros.runtime.parameters import QOS_OVERRIDES
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy

PUBLISHER = 'publisher'
SUBSCRIPTION = 'subscription'
RELIABILITIES = {'reliable': ReliabilityPolicy.RELIABLE,
                 'best_effort': ReliabilityPolicy.BEST_EFFORT}
MOST_MESSAGES = 1000


def drop_idle(node: Node) -> list[str]:
    """Undeclare the overrides that a node was given for none of its topics, and return them."""
    idle = [name for name in node.get_parameters_by_prefix('') if name.startswith(QOS_OVERRIDES)
            and not node.describe_parameter(name).read_only]
    for name in idle:
        node.undeclare_parameter(name)
    return idle


def depth_of(node: Node, entity: str, topic: str, depth: int) -> int:
    """Return the length of a queue, in messages: the given one or else `depth`.

    Raises:
        InputError: if the given value does not fit.
    """
    value: int = _value(node, entity, topic, Parameter(
        'depth', depth, 'messages in the queue', 1, MOST_MESSAGES))
    return value


def reliability_of(
    node: Node, entity: str, topic: str, reliability: str,
    choices: tuple[str, ...] = tuple(RELIABILITIES)
) -> str:
    """Return the reliability: the given one or else `reliability`.

    Raises:
        InputError: if the given value is none of the choices.
    """
    value: str = _value(node, entity, topic, Parameter(
        'reliability', reliability, 'whether messages are sent again', choices=choices))
    return value


def overridden(node: Node, topic: str, profile: QoSProfile) -> QoSProfile:
    """Return the profile of a publisher, with what the user gave for it.

    Raises:
        InputError: if a given value does not fit.
    """
    reliability = next(name for name, policy in RELIABILITIES.items()
                       if policy == profile.reliability)
    return QoSProfile(
        history=profile.history, durability=profile.durability,
        depth=depth_of(node, PUBLISHER, topic, profile.depth),
        reliability=RELIABILITIES[reliability_of(node, PUBLISHER, topic, reliability)])


def _value(node: Node, entity: str, topic: str, policy: Parameter) -> Any:
    """Return the value of an override; only those that are declared here are read only."""
    each = replace(
        policy, name=f'{QOS_OVERRIDES}{node.resolve_topic_name(topic)}.{entity}.{policy.name}')
    if node.has_parameter(each.name):
        value = each.checked(node.get_parameter(each.name).value)
        if node.describe_parameter(each.name).read_only:
            return value
        node.undeclare_parameter(each.name)
    return declare_one(node, each)
