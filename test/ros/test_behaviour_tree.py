# SPDX-License-Identifier: Apache-2.0
"""The behaviour of docs/people-events.md, in a tree of py_trees where that is installed."""

from pathlib import Path
import re
from typing import Any

from emorec.msg import PeopleSummary
from emorec.msg import PersonPresence
from emorec_ros.runtime.qos.profiles import LATCHED
from patience import wait_until
import pytest
from ros_harness import Harness


def test_somebody_is_engaged_in_a_tree(harness: Harness, project_root: Path) -> None:
    """The code of the page as it stands there; a summary nobody watches for counts for nobody."""
    py_trees = pytest.importorskip('py_trees')
    page = (project_root / 'docs' / 'people-events.md').read_text()
    code: dict[str, Any] = {}
    exec(re.search(r'```python\n(.*?)```', page, re.DOTALL)[1], code)
    tree = py_trees.trees.BehaviourTree(code['SomebodyEngaged']('engaged?'))
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
