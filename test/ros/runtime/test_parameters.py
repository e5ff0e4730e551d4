# SPDX-License-Identifier: Apache-2.0
"""Parameters: types, ranges, unknown names, and the one file that holds them all."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from emorec_ros.aggregator import Aggregator
from emorec_ros.camera_driver import CameraDriver
from emorec_ros.emotion import Emotion
from emorec_ros.face_detector import FaceDetector
from emorec_ros.graph import config_folder
from emorec_ros.identity import Identity
from emorec_ros.kinect_driver import KinectDriver
from emorec_ros.runtime.parameters import declare
from emorec_ros.runtime.parameters import Parameter
from emorec_ros.runtime.parameters import unknown_parameters
from emorec_ros.visualizer import Visualizer
from emorec_vision.errors import InputError
import pytest
from rclpy.context import Context
from rclpy.node import Node
import yaml

NODES = {'camera_driver': CameraDriver, 'kinect_driver': KinectDriver,
         'face_detector': FaceDetector, 'identity': Identity,
         'emotion': Emotion, 'aggregator': Aggregator, 'visualizer': Visualizer}
SOME = (
    Parameter('share', 0.6, 'a part', 0.0, 1.0),
    Parameter('count', 3, 'a number', 1, 10),
    Parameter('mode', 'auto', 'a choice', choices=('auto', 'manual')),
    Parameter('on', False, 'a switch'),
)


@pytest.fixture
def node_with(ros_context: Context) -> Iterator[Callable[..., Node]]:
    """Make nodes that are given parameters on their command line."""
    nodes = []

    def make(*given: str) -> Node:
        arguments = ['--ros-args', *(word for text in given for word in ('-p', text))]
        nodes.append(Node('tested', context=ros_context, cli_args=arguments,
                          start_parameter_services=False))
        return nodes[-1]

    yield make
    for node in nodes:
        node.destroy_node()


def test_defaults_and_given_values(node_with: Callable[..., Node]) -> None:
    """What is not given keeps its default."""
    values = declare(node_with('share:=0.5', 'mode:=manual'), SOME)
    assert (values.share, values.count, values.mode, values.on) == (0.5, 3, 'manual', False)


def test_an_integer_serves_where_a_float_is_meant(node_with: Callable[..., Node]) -> None:
    """The commonest mistake of all is none."""
    values = declare(node_with('share:=1'), SOME)
    assert values.share == 1.0
    assert isinstance(values.share, float)


@pytest.mark.parametrize('given, complaint', [
    ('share:=1.5', 'share: 1.5 is outside 0 to 1'),
    ('share:=99', 'share: 99.0 is outside 0 to 1'),  # rclpy itself accepts this one
    ('share:=much', "share: 'much' is no float"),
    ('count:=0', 'count: 0 is outside 1 to 10'),
    ('count:=2.5', 'count: 2.5 is no int'),
    ('mode:=other', "mode: 'other' is none of auto, manual"),
    ('on:=1', 'on: 1 is no bool'),
])
def test_a_value_that_does_not_fit_is_named(
    given: str, complaint: str, node_with: Callable[..., Node]
) -> None:
    """One line says which parameter, which value, and what would fit."""
    with pytest.raises(InputError, match=complaint) as raised:
        declare(node_with(given), SOME)
    assert '\n' not in str(raised.value)


def test_an_unknown_parameter_is_named(node_with: Callable[..., Node]) -> None:
    """Rclpy ignores a misspelt parameter silently; its own ones are not misspelt."""
    node = node_with('shrae:=0.5', 'use_sim_time:=false')
    declare(node, SOME)
    assert unknown_parameters(node, SOME) == ['shrae']


@pytest.fixture(scope='module')
def parameter_file() -> dict[str, Any]:
    """Load emorec.yaml."""
    return yaml.safe_load((config_folder() / 'emorec.yaml').read_text())


def test_the_file_has_every_node_under_any_namespace(parameter_file: dict[str, Any]) -> None:
    """The keys begin with /** so that they match under a robot's namespace."""
    assert set(parameter_file) == {f'/**/{name}' for name in NODES}


@pytest.mark.parametrize('name', NODES)
def test_the_file_equals_the_declarations(name: str, parameter_file: dict[str, Any]) -> None:
    """Every parameter is in the file with its default, and nothing else is."""
    written = parameter_file[f'/**/{name}']['ros__parameters']
    declared = {parameter.name: parameter.default for parameter in NODES[name].PARAMETERS}
    assert written == declared
    assert {key: type(value) for key, value in written.items()} == {
        key: type(value) for key, value in declared.items()}


@pytest.mark.parametrize('name', NODES)
def test_every_parameter_is_described_and_its_default_fits(name: str) -> None:
    """A default outside its own range would be refused at start."""
    for parameter in NODES[name].PARAMETERS:
        assert len(parameter.description) > 10
        assert parameter.checked(parameter.default) == parameter.default


def test_every_parameter_in_the_file_has_a_comment() -> None:
    """The file explains itself."""
    lines = (config_folder() / 'emorec.yaml').read_text().splitlines()
    for before, line in zip(lines, lines[1:]):
        if line.startswith('    ') and not line.strip().startswith('#'):
            assert before.strip().startswith('#'), line
