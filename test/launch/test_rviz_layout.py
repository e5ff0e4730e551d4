# SPDX-License-Identifier: Apache-2.0
"""What rviz:=true shows: topics, frames and the view; read from the files."""

from pathlib import Path
import re

import numpy as np
import pytest
import yaml


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
