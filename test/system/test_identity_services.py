# SPDX-License-Identifier: Apache-2.0
"""People are enrolled, recognised, rejected and forgotten while `emorec live` runs."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import re
import signal
import subprocess
import sys
from typing import Any

from emorec.srv import Enroll
from emorec.srv import Forget
from emorec.srv import ListPeople
from live_harness import EMOREC
from live_harness import Live
from patience import PATIENCE
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

Start = Callable[..., Live]
JOIN_IN = re.compile(r'ROS_DOMAIN_ID=(\d+) ROS_AUTOMATIC_DISCOVERY_RANGE=(\w+)')
"""How `emorec live` says that others may join in."""


@contextmanager
def services_of(run: Live, patch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Join the domain of a run and give a way to call its services."""
    run.until(lambda: bool(run.lines))
    domain, reach = JOIN_IN.search(run.log).groups()
    patch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', reach)
    context = Context()
    rclpy.init(context=context, domain_id=int(domain))
    node = Node('caller', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)

    def call(kind: type, service: str, **request: Any) -> Any:
        client = node.create_client(kind, service)
        assert client.wait_for_service(PATIENCE)
        future = client.call_async(kind.Request(**request))
        executor.spin_until_future_complete(future, PATIENCE)
        return future.result()

    yield call
    executor.shutdown()
    node.destroy_node()  # else it would disturb the next run that gets this domain
    rclpy.try_shutdown(context=context)


def names(run: Live, last: int = 5) -> set[str]:
    """Give the names in the last answers."""
    return {person['person'] for message in run.messages()[-last:] for person in message['people']}


def test_a_person_is_enrolled_named_and_forgotten_without_a_restart(
    live: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The services of the graph, on the demo scene, with a people folder that is empty first."""
    people = tmp_path / 'people'
    people.mkdir(mode=0o700)
    run = live('--source', 'demo', '--people', str(people), '--json')
    with services_of(run, monkeypatch) as call:
        answer = call(Enroll, '/identity/enroll', name='Eileen Collins', num_photos=4)
        assert answer.success and answer.photos == 4, answer.message
        run.until(lambda: names(run) == {'Eileen Collins'})
        assert names(run, len(run.lines)) == {'', 'Eileen Collins'}
        assert list(call(ListPeople, '/identity/list_people').names) == ['Eileen Collins']
        answer = call(Forget, '/identity/forget', name='Eileen Collins')
        assert answer.success and answer.pictures == 4, answer.message
        run.until(lambda: names(run) == {''})
    assert not list(people.rglob('*.png')) + list(people.rglob('*.yaml'))
    assert run.end(signal.SIGINT) == 0
    assert 'Traceback' not in run.log


def test_a_man_enrolled_from_one_clip_is_named_on_another_and_a_stranger_is_not(
    live: Start, shared_data: Path, tmp_path: Path
) -> None:
    """`emorec faces acquire`, then `emorec live` on other clips."""
    clips, people = shared_data / 'video', str(tmp_path / 'people')
    subprocess.run(
        [EMOREC, 'faces', 'acquire', '--name', 'Bert', '--source', f'video:{clips}/please.mkv',
         '--people', people, '--num-photos', '10'],
        check=True, capture_output=True)

    def said(clip: str) -> Counter:
        run = live('--source', f'video:{clips}/{clip}.mkv', '--people', people, '--json',
                   '--rate', '0')
        assert run.end() == 0, run.log
        return Counter(person['person'] for person in run.people())

    thanks, eat = said('thanks'), said('eat')
    assert set(thanks) == {'Bert', ''} and thanks['Bert'] > 0.8 * thanks.total()
    assert set(eat) == {''} and eat.total() > 25


def test_the_example_enrols_by_the_action_and_reacts(
    live: Start, project_root: Path, tmp_path: Path
) -> None:
    """Beside `emorec live`, as its users run it; Ctrl-C ends it without a traceback."""
    people = tmp_path / 'people'
    people.mkdir(mode=0o700)
    run = live('--source', 'demo', '--people', str(people), '--json')
    run.until(lambda: bool(run.lines))
    domain, reach = JOIN_IN.search(run.log).groups()
    example = subprocess.Popen(
        [sys.executable, project_root / 'examples' / 'enroll_and_react.py', 'Eileen', '4'],
        stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored after `&`
        env={**os.environ, 'ROS_DOMAIN_ID': domain, 'ROS_AUTOMATIC_DISCOVERY_RANGE': reach})
    said = []
    for line in example.stdout:
        said.append(line)
        if line.startswith('Eileen is Happy'):
            example.send_signal(signal.SIGINT)
    assert example.wait(PATIENCE) == 0, said
    assert any(line.startswith('1 of 4') for line in said)
    assert any(line.startswith('Eileen is recognised from now on') for line in said)
    assert run.end(signal.SIGINT) == 0
