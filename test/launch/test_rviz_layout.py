# SPDX-License-Identifier: Apache-2.0
"""What rviz:=true shows: topics, frames and the view; read from the files."""

import ast
from pathlib import Path
import re

import numpy as np
import pytest
import yaml


def test_the_optical_frame_looks_along_x_of_the_camera_link(project_root: Path) -> None:
    """REP 103: z forward, x right, y down in a link with x forward, y left, z up."""
    source = ast.parse((project_root / 'launch' / 'live.launch.py').read_text())
    words, = (ast.literal_eval(node.value) for node in source.body
              if isinstance(node, ast.Assign) and node.targets[0].id == 'OPTICAL_ROTATION')
    given = dict(zip(words[::2], map(float, words[1::2])))
    x, y, z, w = (given[f'--q{axis}'] for axis in 'xyzw')
    rotation = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
    right, down, forward = rotation.T
    assert np.allclose(forward, [1, 0, 0])
    assert np.allclose(right, [0, -1, 0])
    assert np.allclose(down, [0, 0, -1])


@pytest.fixture(scope='module')
def layout(project_root: Path) -> dict:
    """Return what rviz shows."""
    return yaml.safe_load((project_root / 'config' / 'emorec.rviz').read_text())[
        'Visualization Manager']


def test_rviz_shows_what_the_visualizer_publishes(layout: dict, project_root: Path) -> None:
    """Each display has a topic of its own message type, in the frame of the camera."""
    source = (project_root / 'emorec_ros' / 'visualizer.py').read_text()
    published = dict(re.findall(r"create_publisher\((\w+), '(\w+)'", source))
    shown = {display['Class'].rsplit('/', 1)[1]: display['Topic']['Value']
             for display in layout['Displays'] if 'Topic' in display}
    assert shown == {kind: f'/{published[kind]}' for kind in ('Image', 'MarkerArray')}
    assert {'rviz_default_plugins/Grid', 'rviz_default_plugins/TF'} < {
        display['Class'] for display in layout['Displays']}
    assert layout['Global Options']['Fixed Frame'] == 'camera_link'


@pytest.mark.parametrize('person', [(1, 0, 0.3), (2, 0, 0.3), (1, -0.5, 0), (2, 0.8, -0.5)])
def test_people_before_the_camera_are_in_the_view(layout: dict, person: tuple) -> None:
    """The eye is behind the camera; rviz sees 45 degrees from top to bottom."""
    view = layout['Views']['Current']
    focus = np.array([view['Focal Point'][axis] for axis in 'XYZ'])
    yaw, pitch = view['Yaw'], view['Pitch']
    eye = focus + view['Distance'] * np.array(
        [np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)])
    assert eye[0] < 0
    ahead, towards = focus - eye, np.array(person) - eye
    cosine = ahead @ towards / np.linalg.norm(ahead) / np.linalg.norm(towards)
    assert np.degrees(np.arccos(cosine)) < 22
