# SPDX-License-Identifier: Apache-2.0
"""Where the messages of ROS4HRI are not."""

from emorec_ros.runtime.process.exit_codes import BAD_INPUT
from patience import PATIENCE
from ros_harness import Harness

WITHOUT_HRI_MSGS = """
import sys

sys.modules['hri_msgs'] = None
from emorec_ros import hri_bridge
sys.exit(hri_bridge.main())
"""


def test_without_hri_msgs_the_bridge_says_so_and_ends(harness: Harness) -> None:
    """One line with what to install, and the exit code that nobody starts it again for."""
    process = harness.start_script('hri_bridge', WITHOUT_HRI_MSGS)
    assert process.wait(PATIENCE) == BAD_INPUT
    line, = harness.log('hri_bridge').splitlines()
    assert line.startswith('hri_bridge: ')
    assert 'apt install ros-$ROS_DISTRO-hri-msgs' in line
