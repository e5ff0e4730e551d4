# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every room's tests may use."""
from collections.abc import Iterator
from importlib.util import find_spec
import os
from pathlib import Path

from emorec_vision.sources.demo.portrait import load_portrait
import numpy as np
import pytest

# TensorFlow 2.21's oneDNN crashes in the eager gradient of mini_xception's convolutions where most
# of the tests' modules are loaded; set before anything loads TensorFlow.
os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')

ROOT = Path(__file__).resolve().parent.parent
collect_ignore = [room for room in ('training', 'service') if not find_spec(f'emorec_{room}')]
"""The rooms that this robot's build left out."""
LONGEST = ('training', 'system', 'ros', 'launch', 'service')


def pytest_report_header() -> list[str]:
    """Say which tests are left out."""
    return [f'emorec_{room} is not installed: no test of test/{room}' for room in collect_ignore]


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known where pytest-xdist is not installed."""
    config.addinivalue_line('markers', 'xdist_group(name): which tests one process runs')


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the rooms that take longest first, and each file's tests in one process.

    Those of training are all in one: only that loads TensorFlow, and trains what they share. Tests
    that start nodes run in both, each graph in a ROS domain of its own.
    """
    rank = {room: number for number, room in enumerate(LONGEST)}
    places = {item: item.path.relative_to(ROOT / 'test') for item in items}
    items.sort(key=lambda item: rank.get(places[item].parts[0], len(rank)))
    for item, place in places.items():
        group = 'training' if place.parts[0] == 'training' else str(place)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope='session', autouse=True)
def nobody_is_enrolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the people whom this user has enrolled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XDG_DATA_HOME', str(tmp_path_factory.mktemp('data')))
        yield


@pytest.fixture(scope='session')
def project_root() -> Path:
    """Return the root of the package's sources."""
    return ROOT


@pytest.fixture(scope='session')
def shared_data() -> Path:
    """Return the folder of research data beside the project; skip the test without it."""
    folder = ROOT.parent / 'shared' / 'data'
    if not folder.is_dir():
        pytest.skip(f'no research data at {folder}')
    return folder


@pytest.fixture(scope='session')
def astronaut() -> np.ndarray:
    """Return the demo's portrait of Eileen Collins, uint8 RGB (512, 512, 3), read-only."""
    image = load_portrait()
    image.setflags(write=False)
    return image
