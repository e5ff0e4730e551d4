# SPDX-License-Identifier: Apache-2.0
"""Which driver runs for a Kinect, and when `auto` takes it."""

from pathlib import Path
import sys

from emorec_cli.live import find_source
from emorec_ros.graph import describe
from emorec_ros.graph import GraphOptions
from emorec_vision.errors import InputError
from fake_freenect import FakeFreenect
import pytest


def test_a_kinect_has_its_own_driver_in_the_cameras_namespace() -> None:
    """The rest of the graph is that of any live camera."""
    driver = describe(GraphOptions(source='kinect', namespace='robot1', camera_name='head'))[-1]
    assert (driver.executable, driver.namespace) == ('kinect_driver', 'robot1/camera')
    assert driver.parameters == {'wait_for_camera': True, 'camera_name': 'head'}
    others = [describe(GraphOptions(source=source))[:-1] for source in ('kinect', 'webcam')]
    assert others[0] == others[1]


def test_which_kinect_is_a_parameter_of_its_driver() -> None:
    """The name of the source takes no number."""
    with pytest.raises(InputError, match="source 'kinect:1' is unknown"):
        describe(GraphOptions(source='kinect:1'))


@pytest.mark.parametrize('present, source', [([1], 'kinect'), ([0], 'demo')])
def test_auto_takes_a_kinect_that_is_plugged_in(
    present: list[int], source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without one it looks on for a webcam."""
    monkeypatch.setitem(sys.modules, 'freenect', FakeFreenect(present=present))
    assert find_source(tmp_path)[0] == source
