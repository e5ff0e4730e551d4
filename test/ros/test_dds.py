# SPDX-License-Identifier: Apache-2.0
"""The Fast DDS profile and the clean-up of shared memory."""

import fcntl
from pathlib import Path

from emorec_ros import dds
from emorec_ros.graph import config_folder
import pytest


@pytest.mark.parametrize('network', [False, True])
def test_only_the_network_profile_listens_beyond_this_machine(
    network: bool, tmp_path: Path
) -> None:
    """Without --network, UDP is bound to 127.0.0.1."""
    profile = tmp_path / 'fastdds.xml'
    dds.write_profile(config_folder() / 'fastdds.xml', profile, network, 4096)
    text = profile.read_text()
    assert ('127.0.0.1' in text) is not network
    assert '<segment_size>4096</segment_size>' in text
    assert dds.NAMESPACE in text


def test_shared_memory_of_the_dead_is_removed_and_of_the_living_kept(tmp_path: Path) -> None:
    """A segment whose lock nobody holds has no owner any more."""
    for name in ('dead', 'living'):
        (tmp_path / f'fastrtps_{name}').write_text('')
        (tmp_path / f'fastrtps_{name}_el').write_text('')
    (tmp_path / 'somebody_elses').write_text('')
    with open(tmp_path / 'fastrtps_living_el') as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert dds.remove_dead_segments(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'fastrtps_living', 'fastrtps_living_el', 'somebody_elses']
