# SPDX-License-Identifier: Apache-2.0
"""The condition and the tree of examples/tree_somebody_engaged.py."""

import importlib.util
from pathlib import Path
from time import sleep
from typing import Any

from emorec.msg import PeopleSummary
from emorec.msg import PersonPresence
from emorec_ros.runtime.qos.profiles import LATCHED
from patience import wait_until
import pytest
from ros_harness import Harness

py_trees = pytest.importorskip('py_trees', reason='py_trees is not installed')


@pytest.fixture
def example(project_root: Path) -> Path:
    """Return the file."""
    return project_root / 'examples' / 'tree_somebody_engaged.py'


def test_somebody_is_engaged_in_a_tree(harness: Harness, example: Path) -> None:
    """A summary nobody watches for counts for nobody."""
    spec = importlib.util.spec_from_file_location('example', example)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tree = py_trees.trees.BehaviourTree(module.SomebodyEngaged('engaged?'))
    tree.setup(node=harness.node)
    summaries = harness.publisher(PeopleSummary, '/people_summary', LATCHED)

    def status() -> Any:
        tree.tick()
        return tree.root.status

    assert status() is py_trees.common.Status.FAILURE
    for engaged, watching in ((True, True), (False, True), (True, True), (True, False)):
        summaries.publish(PeopleSummary(
            watching=watching, people=[PersonPresence(), PersonPresence(engaged=engaged)]))
        wanted = (py_trees.common.Status.SUCCESS if engaged and watching
                  else py_trees.common.Status.FAILURE)
        wait_until(lambda: status() is wanted, lambda: f'{status()}, not {wanted}')


def test_each_visit_is_greeted_once(harness: Harness, example: Path) -> None:
    """However long it lasts."""
    harness.start_script('tree', example.read_text())
    summaries = harness.publisher(PeopleSummary, '/people_summary', LATCHED)
    for visits in (1, 2):
        for _ in range(3):
            summaries.publish(PeopleSummary(
                watching=True, people=[PersonPresence(engaged=True)]))
        wait_until(lambda wanted=visits: harness.log('tree').count('Hello!') == wanted)
        summaries.publish(PeopleSummary(watching=True))
        wait_until(lambda: harness.log('tree').count('Hello!') == visits)
        sleep(1.0)  # of several ticks
    assert harness.log('tree') == 'Hello!\n' * 2
