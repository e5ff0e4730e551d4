# SPDX-License-Identifier: Apache-2.0
"""A known person is read against their own face, while `emorec live` runs."""

from collections.abc import Callable
import os
from pathlib import Path
import signal
import subprocess

from emorec.srv import Enroll
from emorec.srv import Forget
from emorec.srv import Rename
from emorec_vision.people.expression_files import FILE
from live_harness import EMOREC
from live_harness import Live
from patience import PATIENCE
import pytest
from system.test_identity_services import JOIN_IN
from system.test_identity_services import names
from system.test_identity_services import services_of

Start = Callable[..., Live]


@pytest.mark.parametrize('processes', ['one', 'each'])
def test_a_known_person_teaches_and_is_renamed_and_forgotten(
    processes: str, live: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learnt counts at once, goes with the name, and is gone with the person."""
    people = tmp_path / 'people'
    people.mkdir(mode=0o700)
    run = live('--source', 'demo', '--people', str(people), '--json', '--processes', processes)
    with services_of(run, monkeypatch) as call:
        assert call(Enroll, '/identity/enroll', name='Eileen', num_photos=3).success
        run.until(lambda: names(run) == {'Eileen'})
        domain, reach = JOIN_IN.search(run.log).groups()
        taught = subprocess.run(
            [EMOREC, 'faces', 'expressions', 'Eileen', '--live', '--only', 'Sad', '--seconds',
             '1.5'], capture_output=True, text=True, timeout=PATIENCE, check=False, env={
                 **os.environ, 'ROS_DOMAIN_ID': domain, 'ROS_AUTOMATIC_DISCOVERY_RANGE': reach})
        assert taught.returncode == 0, taught.stderr
        finding, done = taught.stdout.splitlines()
        assert finding.startswith('Sad: ')
        assert done == 'Eileen is read by what was shown from now on'
        assert 'look at the camera with a resting face ...\nlook sad ...\n' in taught.stderr
        run.until(lambda: any(person['adapted'] and (person['adapted_weight'] or 0) > 0.8
                              for person in run.messages()[-1]['people']))
        assert (people / 'Eileen' / FILE).exists()
        assert call(Rename, '/identity/rename', name='Eileen', new_name='Eileen Collins').success
        run.until(lambda: any(person['person'] == 'Eileen Collins'
                              and (person['adapted_weight'] or 0) > 0.8
                              for person in run.messages()[-1]['people']))
        assert [path.parent.name for path in people.rglob(FILE)] == ['Eileen Collins']
        assert call(Forget, '/identity/forget', name='Eileen Collins').success
        run.until(lambda: any((person['adapted_weight'] or 0) < 0.5
                              for person in run.messages()[-1]['people']))
    assert run.end(signal.SIGINT) == 0
    assert not list(people.rglob(FILE))
    assert 'Traceback' not in run.log


def test_off_prints_what_the_network_reads(live: Start) -> None:
    """Nothing is adapted."""
    run = live('--source', 'demo', '--people', 'none', '--json', '--adapt', 'off')
    run.until(lambda: any(person['confirmed'] for person in run.people()))
    assert run.end(signal.SIGINT) == 0
    assert not any(person['adapted'] for person in run.people())
    assert {person['adapted_weight'] for person in run.people()} == {None}
