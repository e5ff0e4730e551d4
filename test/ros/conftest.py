# SPDX-License-Identifier: Apache-2.0
"""A ROS domain of the tests' own, so that no two runs mix."""

from collections.abc import Iterator
import os
from pathlib import Path

from domain_coordinator import domain_id
from emorec_ros.graph import config_folder
from emorec_ros.run import dds
import pytest
import rclpy
from rclpy.context import Context
from ros_harness import Harness


@pytest.fixture(scope='session')
def ros_domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give a free domain id, set in the environment together with emorec's DDS profile."""
    profile: Path = tmp_path_factory.mktemp('dds') / 'fastdds.xml'
    dds.write_profile(config_folder() / 'fastdds.xml', profile, False, dds.FULL_SEGMENT)
    with domain_id() as domain, pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_DOMAIN_ID', str(domain))
        patch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SYSTEM_DEFAULT')
        for name, value in dds.profile_environment(profile).items():
            patch.setenv(name, value)
        yield os.environ['ROS_DOMAIN_ID']
        dds.remove_dead_segments()


@pytest.fixture
def ros_context(ros_domain: str) -> Iterator[Context]:
    """Give an initialised context."""
    context = Context()
    rclpy.init(context=context)
    yield context
    rclpy.try_shutdown(context=context)


@pytest.fixture
def harness(ros_context: Context, tmp_path: Path) -> Iterator[Harness]:
    """Give a way to run nodes and talk to them."""
    harness = Harness(ros_context, tmp_path)
    yield harness
    harness.close()
