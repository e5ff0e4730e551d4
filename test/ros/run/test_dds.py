# SPDX-License-Identifier: Apache-2.0
"""The Fast DDS profile and the clean-up of shared memory."""

import fcntl
from itertools import islice
import os
from pathlib import Path
from xml.etree.ElementTree import canonicalize

from emorec_ros.graph import config_folder
from emorec_ros.run import dds
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


def test_what_a_process_has_just_made_is_kept_although_it_has_no_lock_yet(tmp_path: Path) -> None:
    """A process whose port is taken away while it starts hears nothing for ever."""
    for name in ('fastrtps_port8411', 'sem.fastrtps_port8411_mutex', 'fastrtps_old'):
        (tmp_path / name).write_text('')
    os.utime(tmp_path / 'fastrtps_old', (0, 0))
    assert dds.remove_dead_segments(tmp_path) == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize('prefix', ['fastrtps', 'fastdds'])
def test_shared_memory_of_the_dead_is_removed_and_of_the_living_kept(
    tmp_path: Path, prefix: str
) -> None:
    """A segment or port whose lock nobody holds has no owner any more."""
    for name in (f'{prefix}_dead', f'{prefix}_living', f'{prefix}_port7011', f'{prefix}_port7013'):
        (tmp_path / name).write_text('')
        (tmp_path / f'sem.{name}_mutex').write_text('')
    for name in (f'{prefix}_dead_el', f'{prefix}_living_el', f'{prefix}_port7013_sl', 'another'):
        (tmp_path / name).write_text('')
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    with (open(tmp_path / f'{prefix}_living_el') as segment,
          open(tmp_path / f'{prefix}_port7013_sl') as port):
        fcntl.flock(segment, fcntl.LOCK_EX)
        fcntl.flock(port, fcntl.LOCK_SH)
        assert dds.remove_dead_segments(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'another', f'{prefix}_living', f'{prefix}_living_el', f'{prefix}_port7013',
        f'{prefix}_port7013_sl', f'sem.{prefix}_living_mutex', f'sem.{prefix}_port7013_mutex']


def test_the_shipped_network_profile_is_the_one_that_launch_gives_its_processes(
    tmp_path: Path
) -> None:
    """What a foreign driver is told to use fits the graph."""
    made = tmp_path / 'made.xml'
    dds.write_profile(config_folder() / 'fastdds.xml', made, True, dds.FULL_SEGMENT)
    shipped = config_folder() / 'fastdds_network.xml'
    assert (canonicalize(from_file=shipped, strip_text=True)
            == canonicalize(from_file=made, strip_text=True))


def test_launched_processes_get_memory_for_whole_images(tmp_path: Path) -> None:
    """The profile is open to the network."""
    environment = dds.launched_environment(
        config_folder() / 'fastdds.xml', tmp_path, {'HOME': '/'}, 10_000_000)
    path, = set(environment.values())
    text = Path(path).read_text()
    assert '<segment_size>10000000</segment_size>' in text
    assert '127.0.0.1' not in text


def test_a_process_that_starts_again_gets_ports_of_its_own(tmp_path: Path) -> None:
    """The writers may still hold the shared-memory port of the one that was killed."""
    profile = tmp_path / 'fastdds.xml'
    dds.write_profile(config_folder() / 'fastdds.xml', profile, False, 4096)
    first = {'HOME': '/', **dds.profile_environment(profile)}
    starts = dds.environments(first, 2, profile, '7')
    assert [next(starts), next(starts)] == [first, first]
    offsets = []
    for environment in islice(starts, 5):
        assert environment['HOME'] == '/'
        path, = set(environment.values()) - {'/'}
        text = Path(path).read_text()
        assert '127.0.0.1' in text
        offsets.append(int(text.partition('<offsetd3>')[2].partition('<')[0]))
    assert len(set(offsets)) == 5
    assert all(100 < offset < 250 for offset in offsets)


@pytest.mark.parametrize('domain, profile', [('232', 'fastdds.xml'), ('', 'users.xml')])
def test_where_there_are_no_ports_or_no_profile_of_ours_all_starts_are_the_same(
    domain: str, profile: str, tmp_path: Path
) -> None:
    """The ports of domain 232 end with the last one; a profile of the user is left alone."""
    first = {'FASTRTPS_DEFAULT_PROFILES_FILE': str(tmp_path / profile)}
    starts = dds.environments(first, 1, tmp_path / 'fastdds.xml', domain)
    assert list(islice(starts, 3)) == [first, first, first]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('package, variables', [
    ('fastrtps', ['FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE']),
    ('fastdds', ['FASTDDS_DEFAULT_PROFILES_FILE'])])
def test_fast_dds_3_is_not_given_the_variable_that_it_warns_of(
    package: str, variables: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warning would be the first line of every process."""
    (tmp_path / 'share' / package).mkdir(parents=True)
    monkeypatch.setattr('sys.prefix', '/nowhere')
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'/opt/other:{tmp_path}')
    assert list(dds.profile_environment(tmp_path)) == variables


@pytest.mark.parametrize('name', dds.PROFILE_VARIABLES)
def test_a_profile_of_the_user_is_left_alone(name: str, tmp_path: Path) -> None:
    """Whoever configured the middleware of a robot meant it."""
    assert dds.launched_environment(
        config_folder() / 'fastdds.xml', tmp_path, {name: '/etc/robot.xml'}, 4096) == {}
    assert list(tmp_path.iterdir()) == []
