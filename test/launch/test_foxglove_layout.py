# SPDX-License-Identifier: Apache-2.0
"""The layout for Foxglove: its panels, and whether their topics and fields exist."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import emorec.msg
import pytest

MESSAGES = {'/emotions': emorec.msg.PersonEmotionArray, '/person_events': emorec.msg.PersonEvent,
            '/people_summary': emorec.msg.PeopleSummary}


@pytest.fixture(scope='module')
def layout(project_root: Path) -> dict[str, Any]:
    """Return the layout."""
    return json.loads((project_root / 'config' / 'emorec.foxglove.json').read_text())


def placed(part: Any) -> Iterator[str]:
    """Yield the panels of a part of the window."""
    if isinstance(part, str):
        yield part
        return
    assert part['direction'] in ('row', 'column')
    assert 0 < part['splitPercentage'] < 100
    yield from placed(part['first'])
    yield from placed(part['second'])


def message_paths(layout: dict[str, Any]) -> Iterator[str]:
    """Yield the paths of what is plotted and listed."""
    for panel in layout['configById'].values():
        yield from (path['value'] for path in panel.get('paths', []))
        if 'topicPath' in panel:
            yield panel['topicPath']


def test_every_panel_has_its_place_and_its_settings(layout: dict[str, Any]) -> None:
    """Image, 3-D, emotions, people and diagnostics."""
    panels = list(placed(layout['layout']))
    assert sorted(panels) == sorted(layout['configById'])
    assert {'Image', '3D', 'StateTransitions', 'Table', 'DiagnosticSummary'} <= {
        panel.split('!')[0] for panel in panels}
    assert {'globalVariables', 'userNodes', 'playbackConfig'} <= set(layout)


def test_it_shows_what_the_visualizer_publishes(
    layout: dict[str, Any], project_root: Path
) -> None:
    """The compressed image, for the network's sake, and the markers."""
    published = re.findall(r"create_publisher\(\s*\w+, '([\w/]+)'", (
        project_root / 'emorec_ros' / 'visualizer.py').read_text())
    panels = layout['configById']
    image = panels['Image!emorec']['imageMode']['imageTopic']
    markers, = panels['3D!emorec']['topics']
    assert {image, markers} == {'/annotated_image/compressed', '/markers'}
    assert {image, markers} <= {f'/{topic}' for topic in published}
    assert panels['DiagnosticSummary!emorec']['topicToRender'] == '/diagnostics'


def test_every_path_leads_to_a_field(layout: dict[str, Any]) -> None:
    """Foxglove itself says nothing about one that does not."""
    paths = list(message_paths(layout))
    assert len(paths) >= 4
    for path in paths:
        topic, *names = path.split('.')
        message = MESSAGES[topic]
        for name in names:
            assert message is not None, path
            kind = message.get_fields_and_field_types()[name.split('[')[0]]
            inner = re.fullmatch(r'(?:sequence<)?emorec/(\w+)>?', kind)
            message = getattr(emorec.msg, inner[1]) if inner else None
