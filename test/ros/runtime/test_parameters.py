# SPDX-License-Identifier: Apache-2.0
"""Parameters: types, ranges and unknown names."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields

from emorec_ros.config_file import SETTINGS
from emorec_ros.runtime.parameters import changed
from emorec_ros.runtime.parameters import declare
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.parameters import parameters_of
from emorec_vision.errors import InputError
import pytest
from rclpy.context import Context
from rclpy.node import Node


@dataclass(frozen=True)
class Some:
    """Settings of every type."""

    share: float = parameter(0.6, 'a part', 0.0, 1.0)
    count: int = parameter(3, 'a number', 1, 10)
    mode: str = parameter('auto', 'a choice', choices=('auto', 'manual', 'off'))
    on: bool = parameter(False, 'a switch')
    tuned: float = parameter(1.0, 'a part that is tuned', 0.0, 1.0, dynamic=True)


@pytest.fixture
def node_with(ros_context: Context) -> Iterator[Callable[..., Node]]:
    """Make nodes that are given parameters on their command line."""
    nodes = []

    def make(*given: str) -> Node:
        arguments = ['--ros-args', *(word for text in given for word in ('-p', text))]
        nodes.append(Node('tested', context=ros_context, cli_args=arguments,
                          start_parameter_services=False,
                          automatically_declare_parameters_from_overrides=True))
        return nodes[-1]

    yield make
    for node in nodes:
        node.destroy_node()


def test_defaults_and_given_values(node_with: Callable[..., Node]) -> None:
    """What is not given keeps its default."""
    values, unknown = declare(node_with('share:=0.5', 'mode:=manual'), Some)
    assert values == Some(share=0.5, count=3, mode='manual', on=False)
    assert unknown == []


def test_an_integer_serves_where_a_float_is_meant(node_with: Callable[..., Node]) -> None:
    """The commonest mistake of all is none."""
    values, _ = declare(node_with('share:=1'), Some)
    assert values.share == 1.0
    assert isinstance(values.share, float)


def test_off_need_not_be_quoted_on_a_command_line(node_with: Callable[..., Node]) -> None:
    """YAML 1.1 reads it as false."""
    assert declare(node_with('mode:=off'), Some)[0].mode == 'off'


@pytest.mark.parametrize('given, complaint', [
    ('share:=1.5', 'share: 1.5 is outside 0 to 1'),
    ('share:=99', 'share: 99 is outside 0 to 1'),  # rclpy itself accepts this one
    ('share:=much', "share: 'much' is no float"),
    ('count:=0', 'count: 0 is outside 1 to 10'),
    ('count:=2.5', 'count: 2.5 is no int'),
    ('mode:=other', "mode: 'other' is none of auto, manual, off"),
    ('on:=1', 'on: 1 is no bool'),
])
def test_a_value_that_does_not_fit_is_named(
    given: str, complaint: str, node_with: Callable[..., Node]
) -> None:
    """One line says which parameter, which value, and what would fit."""
    with pytest.raises(InputError, match=complaint) as raised:
        declare(node_with(given), Some)
    assert '\n' not in str(raised.value)


def test_an_unknown_parameter_is_named_and_not_kept(node_with: Callable[..., Node]) -> None:
    """Rclpy ignores a misspelt parameter silently; its own ones are not misspelt."""
    node = node_with('shrae:=0.5', 'use_sim_time:=false')
    _, unknown = declare(node, Some)
    assert unknown == ['shrae']
    assert not node.has_parameter('shrae') and node.has_parameter('use_sim_time')


def test_parameters_are_described_and_most_are_fixed_while_the_node_runs(
    node_with: Callable[..., Node]
) -> None:
    """Given or not, `ros2 param describe` tells the range and that it cannot be set."""
    node = node_with('count:=4')
    declare(node, Some)
    count, mode, tuned = node.describe_parameters(['count', 'mode', 'tuned'])
    assert not tuned.read_only
    assert (count.description, count.read_only) == ('a number', True)
    assert (count.integer_range[0].from_value, count.integer_range[0].to_value) == (1, 10)
    assert mode.additional_constraints == 'one of auto, manual, off'


def test_new_values_take_the_place_of_the_earlier_ones() -> None:
    """The settings are another object; other parameters of the node are left alone."""
    before = Some()
    assert changed(before, {'tuned': 0, 'use_sim_time': True}, 'tested') == Some(tuned=0.0)
    assert before == Some()


@pytest.mark.parametrize('name, value, complaint', [
    ('tuned', 7, 'parameter tuned: 7 is outside 0 to 1'),
    ('tuned', float('nan'), 'parameter tuned: nan is outside 0 to 1'),
    ('tuned', 'x', "parameter tuned: 'x' is no float"),
    ('tuned', None, 'parameter tuned: None is no float'),
    ('count', 4, 'parameter count is read once, when the node starts: restart tested with '
                 'count:=VALUE'),
    ('qos_overrides./faces.publisher.depth', 2, 'is read when the topic is opened: restart'),
])
def test_a_change_that_cannot_be_made_is_explained(
    name: str, value: object, complaint: str
) -> None:
    """Who tunes by looking learns what would fit, or what to do instead."""
    with pytest.raises(InputError, match=complaint):
        changed(Some(), {name: value}, 'tested')


@pytest.mark.parametrize('settings', SETTINGS.values(), ids=SETTINGS)
def test_every_parameter_is_described_and_its_default_fits(settings: type) -> None:
    """A default outside its own range, or of another type, would be refused at start."""
    assert [each.type for each in fields(settings)] == [
        type(each.default) for each in fields(settings)]
    for each in parameters_of(settings):
        assert len(each.description) > 10
        assert each.checked(each.default) == each.default
