# SPDX-License-Identifier: Apache-2.0
"""The policies of config/sros2 against the graph, and a run in enclaves where that can be."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
import os
from pathlib import Path
import subprocess
import sys
from typing import Any
from xml.etree import ElementInclude
from xml.etree import ElementTree

import cv2
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import LAYOUTS
from emorec_ros.graph import processes
from emorec_ros.run.live_run import LIVE
from emorec_ros.run.live_run import LiveRun
from emorec_ros.run.security import can_secure
from emorec_ros.run.security import enclave
from emorec_ros.run.security import security_environment
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.errors import InputError
import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest
import rclpy
from sensor_msgs.msg import CompressedImage

Rights = dict[str, set[str]]
"""Full names by what may be done with them: publish, subscribe, reply, request, execute."""
SOMETIMES = {
    'subscribe': {'/clock', '/tf', '/tf_static', '*/compressed', '*/compressedDepth'},
    'publish': {'/humans/*', '/tf', '/tf_static', '/rosout'}, 'reply': set(), 'execute': set(),
    'request': set()}
"""What a node has only with some options or packages."""
SELDOM = {'camera_driver': {'/emotions', '/printed', '/drawn'},
          'dashboard': {'/faces_rejected', '/camera/depth_registered/image_raw'}}
"""What nodes listen to only for a file, or while somebody looks at the page."""
SECURE = can_secure(os.environ)


@pytest.fixture
def policy(project_root: Path) -> ElementTree.Element:
    """Return config/sros2/policy.xml with all that it includes."""
    path = project_root / 'config' / 'sros2' / 'policy.xml'
    root = ElementTree.parse(path).getroot()
    ElementInclude.include(root, base_url=str(path))
    return root


def rights_of(policy: ElementTree.Element, program: str) -> dict[tuple[str, str], Rights]:
    """Return the rights in the enclave of a program, by name and namespace of the node."""
    found = {}
    path = f'enclaves/enclave[@path="{enclave(program)}"]/profiles/profile'
    for profile in policy.findall(path):
        rights: Rights = {key: set() for key in SOMETIMES}
        name, namespace = profile.attrib['node'], profile.attrib['ns']
        for rule in profile:
            for kind, verdict in rule.attrib.items():
                assert verdict == 'ALLOW'
                rights[kind] |= {full_name(each.text, name, namespace) for each in rule}
        found[name, namespace] = rights
    return found


def full_name(name: str, node: str, namespace: str) -> str:
    """Return a name as sros2 resolves it."""
    if name.startswith('/'):
        return name
    root = namespace.rstrip('/')
    return f'{root}/{node}{name[1:]}' if name.startswith('~') else f'{root}/{name}'


def used_by(observer: Any, name: str, namespace: str) -> Rights:
    """Return what a node has in the graph."""
    def names(ask: Callable[..., list[tuple[str, list[str]]]]) -> set[str]:
        try:
            return {topic for topic, _ in ask(name, namespace)}
        except RuntimeError:  # not there yet
            return set()
    used = {'publish': names(observer.get_publisher_names_and_types_by_node),
            'subscribe': names(observer.get_subscriber_names_and_types_by_node),
            'reply': names(observer.get_service_names_and_types_by_node),
            'request': names(observer.get_client_names_and_types_by_node)}
    split = {kind: {each for each in found if '/_action/' in each} for kind, found in used.items()}
    return {**{kind: used[kind] - split[kind] for kind in used},
            'execute': {each.partition('/_action/')[0] for each in split['reply']}}


def missing(wanted: Rights, allowed: Rights) -> list[str]:
    """Return what is wanted and matches nothing allowed."""
    return sorted(f'{kind} {name}' for kind, names in wanted.items() for name in names
                  if not any(fnmatch(name, pattern) for pattern in allowed.get(kind, ())))


def always_of(node: str, allowed: Rights) -> Rights:
    """Return what a node has in each run, of what it is allowed."""
    return {kind: {name for name in names - SELDOM.get(node, set()) if not any(
        fnmatch(name, pattern) for pattern in SOMETIMES[kind])} for kind, names in allowed.items()}


@contextmanager
def observed(options: GraphOptions) -> Iterator[Any]:
    """Run the graph, somebody looking at its images, and yield a node that sees it."""
    with LiveRun(options, False, print) as live:
        context = rclpy.Context()
        rclpy.init(context=context)
        observer = rclpy.create_node('observer', context=context)
        observer.create_subscription(
            CompressedImage, 'annotated_image/compressed', lambda _: None, IMAGE)
        assert live.wait_for_message(PATIENCE) is not None
        yield observer
        context.try_shutdown()


@pytest.fixture
def images(tmp_path: Path) -> str:
    """Return a folder of an image as a source, whose answer nobody acknowledges."""
    cv2.imwrite(str(tmp_path / 'gray.png'), np.full((48, 64, 3), 128, np.uint8))
    return f'images:{tmp_path}'


@pytest.mark.parametrize('layout', LAYOUTS)
def test_each_node_may_what_it_does(
    layout: str, images: str, policy: ElementTree.Element, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that gains a topic, a service or an action needs it in its policy, and no other."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path))
    options = (GraphOptions(source='demo', people='none', processes=layout, web=0)
               if layout == 'each' else
               GraphOptions(source=images, people='none', acknowledged_by=('printed', 'never')))
    programs = [process.executable for process in processes(options)]
    with observed(options) as observer:
        for program in [LIVE, *programs]:
            rights = rights_of(policy, program)
            assert rights, f'no enclave for {program}'
            for (name, namespace), allowed in rights.items():
                if layout == 'each' or program == LIVE:
                    always = always_of(name, allowed)
                    wait_until(lambda: not missing(always, used_by(observer, name, namespace)),
                               lambda: str(missing(always, used_by(observer, name, namespace))))
                else:
                    wait_until(lambda: used_by(observer, name, namespace)['reply'])
                used = used_by(observer, name, namespace)
                used['subscribe'] -= {'/never'}
                assert missing(used, allowed) == [], f'{name} is not allowed it in config/sros2'


@pytest.mark.parametrize('layout', LAYOUTS)
@pytest.mark.parametrize('source', ['kinect', 'demo'])
def test_every_process_has_an_enclave_with_all_its_nodes(
    layout: str, source: str, policy: ElementTree.Element
) -> None:
    """Whatever is started with."""
    for process in processes(GraphOptions(source=source, processes=layout, web=0, hri=True)):
        assert set(rights_of(policy, process.executable)) == {
            (node.executable, f'/{node.namespace}') for node in process.nodes}


@pytest.mark.skipif(SECURE, reason='the middleware here has security')
def test_without_security_in_the_middleware_one_line_says_so(images: str) -> None:
    """Before anything is started."""
    with pytest.raises(InputError, match='secure: the middleware here is built without security'):
        with LiveRun(GraphOptions(source=images), False, print, secure=True):
            pass


@pytest.mark.skipif(not SECURE, reason='the middleware here is built without security (SROS 2)')
def test_in_enclaves_only_those_with_a_certificate_hear_the_graph(
    images: str, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graph answers, and a node without an enclave sees no node of it."""
    pytest.importorskip('sros2', reason='ros2 security is not installed')
    keystore = tmp_path / 'keystore'
    monkeypatch.setenv('ROS_SECURITY_KEYSTORE', str(keystore))
    monkeypatch.setenv('ROS_DOMAIN_ID', '77')
    with pytest.raises(InputError, match='names no keystore'):
        security_environment(os.environ, ['pipeline'])
    subprocess.run(
        [sys.executable, '-c', 'import sys; from ros2cli.cli import main; sys.exit(main())',
         'security', 'generate_artifacts', '-k', keystore, '-p',
         project_root / 'config' / 'sros2' / 'policy.xml'], check=True)
    with LiveRun(GraphOptions(source='demo', people='none'), False, print, secure=True) as live:
        assert live.wait_for_message(PATIENCE) is not None
        monkeypatch.setenv('ROS_SECURITY_ENABLE', 'false')
        context = rclpy.Context()
        rclpy.init(context=context)
        stranger = rclpy.create_node('stranger', context=context)
        for _ in range(20):
            assert live.wait_for_message(PATIENCE) is not None
        assert stranger.get_node_names() == ['stranger']
        context.try_shutdown()
