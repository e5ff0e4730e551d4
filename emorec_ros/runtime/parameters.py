# SPDX-License-Identifier: Apache-2.0
"""Declare the settings of a node as ROS parameters, and name what is wrong with a value.

A node's settings are a frozen dataclass whose fields `parameter` makes. Name, type, default,
range and description stand there alone: the declarations and config/emorec.yaml come from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from dataclasses import replace
from typing import Any
from typing import TypeVar

from emorec_vision.errors import InputError
from rcl_interfaces.msg import FloatingPointRange
from rcl_interfaces.msg import IntegerRange
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException
from rclpy.exceptions import InvalidParameterValueException
from rclpy.node import Node

QOS_OVERRIDES = 'qos_overrides.'
OWN_OF_RCLPY = ('use_sim_time', 'start_type_description_service', QOS_OVERRIDES)

OFF = 'off'
"""A choice that YAML 1.1, as on command lines of ROS, reads as false unless it is quoted."""

Value = TypeVar('Value', bool, int, float, str)
SettingsT = TypeVar('SettingsT')


@dataclass(frozen=True)
class Parameter:
    """A ROS parameter; its default also says its type.

    Attributes:
        low: least value, None without a range.
        high: largest value, None without a range.
        choices: the only values of a text, () for any.
        dynamic: whether it can be set while the node runs.
    """

    name: str
    default: Any
    description: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    dynamic: bool = False

    @property
    def limits(self) -> str:
        """Return the range or the choices in words, '' without any."""
        if self.low is None or self.high is None:
            return ', '.join(self.choices)
        return f'{self.low:g} to {self.high:g}'

    def descriptor(self) -> ParameterDescriptor:
        """Return the ROS description, with the range where there is one."""
        descriptor = ParameterDescriptor(
            description=self.description,
            read_only=not self.dynamic,
            additional_constraints=f'one of {self.limits}' if self.choices else '',
            dynamic_typing=isinstance(self.default, float) or OFF in self.choices)
        if self.low is None or self.high is None:
            return descriptor
        if isinstance(self.default, float):
            descriptor.floating_point_range = [
                FloatingPointRange(from_value=float(self.low), to_value=float(self.high))]
        else:
            descriptor.integer_range = [
                IntegerRange(from_value=int(self.low), to_value=int(self.high), step=1)]
        return descriptor

    def checked(self, value: Any) -> Any:
        """Return the value in the parameter's type; an integer serves where a float is meant.

        False serves for the choice OFF, which is what a command line makes of it.

        Raises:
            InputError: if the type, the range or the choice does not fit.
        """
        kind = type(self.default)
        if kind is float and type(value) is int:
            value = float(value)
        if value is False and OFF in self.choices:
            value = OFF
        if type(value) is not kind:
            raise InputError(f'parameter {self.name}: {value!r} is no {kind.__name__}; '
                             f'give a value like {self.default!r}')
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise InputError(f'parameter {self.name}: {value:g} is outside {self.limits}')
        if self.choices and value not in self.choices:
            raise InputError(f'parameter {self.name}: {value!r} is none of {self.limits}')
        return value


def parameter(
    default: Value, description: str, low: float | None = None, high: float | None = None,
    choices: tuple[str, ...] = (), dynamic: bool = False
) -> Value:
    """Make a field of a dataclass of settings; the arguments are those of Parameter."""
    return field(default=default, metadata={
        'description': description, 'low': low, 'high': high, 'choices': choices,
        'dynamic': dynamic})


def parameters_of(settings: type) -> list[Parameter]:
    """Return the parameters that a dataclass of settings describes, in its order."""
    return [Parameter(each.name, each.default, **each.metadata) for each in fields(settings)]


def declare(node: Node, settings: type[SettingsT]) -> tuple[SettingsT, list[str]]:
    """Declare the parameters of a node that has been given some.

    Args:
        node: made with `automatically_declare_parameters_from_overrides`, which is how rclpy
            tells what was given.
        settings: the dataclass that describes its parameters.

    Returns:
        the settings, and the names of given parameters that the node does not have, sorted
        (rclpy ignores them silently).

    Raises:
        InputError: if a given value does not fit its parameter.
    """
    given = {name: value.value for name, value in node.get_parameters_by_prefix('').items()
             if not name.startswith(OWN_OF_RCLPY)}
    values = {}
    for each in parameters_of(settings):
        if each.name in given:
            each.checked(given.pop(each.name))
            node.undeclare_parameter(each.name)
        values[each.name] = declare_one(node, each)
    for unknown in given:
        node.undeclare_parameter(unknown)
    return settings(**values), sorted(given)


def declare_one(node: Node, each: Parameter) -> Any:
    """Declare a parameter and return its value, the given one or the default.

    Raises:
        InputError: if the given value does not fit.
    """
    try:
        value = node.declare_parameter(each.name, each.default, each.descriptor()).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        raise InputError(f'parameter {each.name}: {error}') from error
    return each.checked(value)


def changed(settings: SettingsT, given: Mapping[str, Any], node_name: str) -> SettingsT:
    """Return settings in which the given values, by name, take the place of the earlier ones.

    Other names than those of the settings are left alone.

    Raises:
        InputError: if a value does not fit its parameter, or it is read at the start only.
    """
    values = {}
    for each in parameters_of(type(settings)):
        if each.name not in given:
            continue
        if not each.dynamic:
            raise InputError(f'parameter {each.name} is read once, when the node starts: '
                             f'restart {node_name} with {each.name}:=VALUE')
        values[each.name] = each.checked(given[each.name])
    for name in given:
        if name.startswith(QOS_OVERRIDES):
            raise InputError(f'parameter {name} is read when the topic is opened: restart '
                             f'{node_name} with it')
    return replace(settings, **values)  # type: ignore[type-var]
