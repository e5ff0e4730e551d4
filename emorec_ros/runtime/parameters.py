# SPDX-License-Identifier: Apache-2.0
"""Declare parameters with type, description and range, and name what is wrong with a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from emorec_vision.errors import InputError
from rcl_interfaces.msg import FloatingPointRange
from rcl_interfaces.msg import IntegerRange
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException
from rclpy.exceptions import InvalidParameterValueException
from rclpy.node import Node

OWN_OF_RCLPY = ('use_sim_time', 'start_type_description_service', 'qos_overrides.')


@dataclass(frozen=True)
class Parameter:
    """Describe one parameter: its default also says its type."""

    name: str
    default: Any
    description: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def descriptor(self) -> ParameterDescriptor:
        """Give the ROS description, with the range where there is one."""
        descriptor = ParameterDescriptor(
            description=self.description,
            read_only=True,
            additional_constraints=f'one of {", ".join(self.choices)}' if self.choices else '',
            dynamic_typing=isinstance(self.default, float))
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

        Raises:
            InputError: if the type, the range or the choice does not fit.
        """
        kind = type(self.default)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise InputError(f'parameter {self.name}: {value!r} is no {kind.__name__}; '
                             f'give a value like {self.default!r}')
        if self.low is not None and not self.low <= value <= self.high:
            raise InputError(f'parameter {self.name}: {value} is outside '
                             f'{self.low:g} to {self.high:g}')
        if self.choices and value not in self.choices:
            raise InputError(f'parameter {self.name}: {value!r} is none of '
                             f'{", ".join(self.choices)}')
        return value


def declare(node: Node, parameters: Sequence[Parameter]) -> SimpleNamespace:
    """Declare the parameters on the node and return their values by name.

    Raises:
        InputError: if a given value does not fit its parameter.
    """
    given = node._parameter_overrides
    values = SimpleNamespace()
    for parameter in parameters:
        if parameter.name in given:
            parameter.checked(given[parameter.name].value)
        try:
            value = node.declare_parameter(
                parameter.name, parameter.default, parameter.descriptor()).value
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            raise InputError(f'parameter {parameter.name}: {error}') from error
        setattr(values, parameter.name, parameter.checked(value))
    return values


def unknown_parameters(node: Node, parameters: Sequence[Parameter]) -> Sequence[str]:
    """Name the given parameters that the node does not have (rclpy ignores them silently)."""
    known = {parameter.name for parameter in parameters}
    return sorted(name for name in node._parameter_overrides
                  if name not in known and not name.startswith(OWN_OF_RCLPY))
