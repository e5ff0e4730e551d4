# SPDX-License-Identifier: Apache-2.0
"""Inside emorec_ros imports point one way too."""

from pathlib import Path
import re
import subprocess
import sys

import pytest

SHARED = {'runtime', 'messages', 'flow'}
PARTS = {'camera', 'hri', 'people', 'transport', 'viewer'}
ALLOWED = {
    **{name: set() for name in SHARED}, **{name: SHARED for name in PARTS},
    'nodes': SHARED | PARTS, 'graph': SHARED, 'run': SHARED | {'graph'}}
"""What each sub-package or kind of file may import beside itself."""


def home(module: str) -> str:
    """Return the sub-package of a module of emorec_ros, or 'nodes' of a node's own file."""
    name = module.split('.')[0]
    return name if name in ALLOWED else 'nodes'


@pytest.mark.parametrize('importer', sorted(ALLOWED))
def test_emorec_ros_imports_one_way(importer: str, project_root: Path) -> None:
    """No node knows the graph, and what nodes share knows no node."""
    room = project_root / 'emorec_ros'
    checked = 0
    for path in room.rglob('*.py'):
        module = '.'.join(path.relative_to(room).with_suffix('').parts)
        if home(module) != importer or module in ('__init__', 'config_file'):
            continue
        imported = re.findall(r'^\s*from emorec_ros\.([\w.]+) import', path.read_text(), re.M)
        assert {home(each) for each in imported} <= ALLOWED[importer] | {importer}, path
        checked += 1
    assert checked > 0


WITHOUT_EVENT_HANDLER = """
import sys
from types import ModuleType
from rclpy.event_handler import SubscriptionEventCallbacks
import rclpy.node
qos_event = sys.modules['rclpy.qos_event'] = ModuleType('rclpy.qos_event')
qos_event.SubscriptionEventCallbacks = SubscriptionEventCallbacks
sys.modules['rclpy.event_handler'] = None
import emorec_ros.camera.image_subscription
"""


def test_images_can_be_subscribed_to_with_the_rclpy_of_humble() -> None:
    """It has SubscriptionEventCallbacks in rclpy.qos_event, and no rclpy.event_handler."""
    subprocess.run([sys.executable, '-c', WITHOUT_EVENT_HANDLER], check=True)
