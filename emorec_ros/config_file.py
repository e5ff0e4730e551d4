# SPDX-License-Identifier: Apache-2.0
"""Write config/emorec.yaml, every parameter of every node, from the settings in their sources.

It is run as `python -m emorec_ros.config_file`.
"""

from collections.abc import Iterator
import json
import sys
from textwrap import wrap
from typing import Any

from emorec_ros import aggregator
from emorec_ros import camera_driver
from emorec_ros import dashboard
from emorec_ros import emotion
from emorec_ros import hri_bridge
from emorec_ros import identity
from emorec_ros import kinect_driver
from emorec_ros import visualizer
from emorec_ros.detection.settings import Settings as FaceDetectorSettings
from emorec_ros.graph import config_folder
from emorec_ros.runtime.parameters import Parameter
from emorec_ros.runtime.parameters import parameters_of
from emorec_vision.files.access import write_text

SETTINGS: dict[str, type] = {
    'camera_driver': camera_driver.Settings, 'kinect_driver': kinect_driver.Settings,
    'face_detector': FaceDetectorSettings, 'identity': identity.Settings,
    'emotion': emotion.Settings, 'aggregator': aggregator.Settings,
    'visualizer': visualizer.Settings, 'dashboard': dashboard.Settings,
    'hri_bridge': hri_bridge.Settings}
"""Settings of every node by its name, in the order of the file."""
HEAD = """\
# SPDX-License-Identifier: Apache-2.0
# Every parameter of every emorec node, with its default. Copy this file, change values, and give
# it with `ros2 launch emorec live.launch.py params_file:=FILE`. The keys begin with /** so that
# they also match when the graph runs under a robot's namespace.
# [run time]: `ros2 param set` can change it while the node runs; the others are read at its start.
# Written by `python -m emorec_ros.config_file` from the settings in the nodes' sources.
"""
INDENT = ' ' * 4
WIDTH = 99


def config_text() -> str:
    """Return the text of emorec.yaml, with a comment above each parameter."""
    return HEAD + '\n'.join(
        f'/**/{node}:\n  ros__parameters:\n'
        + ''.join(f'{INDENT}{line}\n' for each in parameters_of(settings) for line in entry(each))
        for node, settings in SETTINGS.items())


def entry(parameter: Parameter) -> Iterator[str]:
    """Yield the lines of one parameter: its description with the range, and its default."""
    limits = f' ({parameter.limits})' if parameter.limits else ''
    run_time = ' [run time]' if parameter.dynamic else ''
    for line in wrap(parameter.description + limits + run_time, WIDTH - len(f'{INDENT}# ')):
        yield f'# {line}'
    yield f'{parameter.name}: {_as_yaml(parameter.default)}'


def _as_yaml(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value)


def main() -> int:
    """Write the file."""
    path = config_folder() / 'emorec.yaml'
    write_text(path, config_text())
    print(path)
    return 0


if __name__ == '__main__':
    sys.exit(main())
