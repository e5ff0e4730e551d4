# SPDX-License-Identifier: Apache-2.0
"""The options of a run become parameters and remappings of its nodes."""

from emorec_ros.graph import describe
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import NodeDescription
from emorec_ros.graph import processes
from emorec_vision.errors import InputError
import pytest


def nodes(**options: object) -> dict[str, NodeDescription]:
    """Return the nodes of a run by name."""
    return {node.executable: node for node in describe(GraphOptions(**options))}  # type: ignore


def test_another_camera_is_remapped_for_all_who_look_at_it() -> None:
    """camera_info is taken from beside the colour images, unless it is given."""
    color, depth = '/camera/camera/color/image_raw', '/camera/camera/aligned/image_raw'
    found = nodes(source='topics', color_topic=color, depth_topic=depth, visualizer=True)
    assert found['face_detector'].remappings == {
        'rgb/image_raw': color, 'rgb/camera_info': '/camera/camera/color/camera_info',
        'depth_registered/image_raw': depth}
    assert found['visualizer'].remappings == {
        'rgb/image_raw': color, 'depth_registered/image_raw': depth}
    relative = nodes(source='topics', color_topic='image', info_topic='other/camera_info')
    assert relative['face_detector'].remappings['rgb/camera_info'] == 'other/camera_info'
    relative = nodes(source='topics', color_topic='image')
    assert relative['face_detector'].remappings == {
        'rgb/image_raw': 'image', 'rgb/camera_info': 'camera_info',
        'depth_registered/image_raw': 'camera/depth_registered/image_raw'}


def test_a_dashboard_brings_what_it_shows() -> None:
    """The visualizer draws for it, and not every image."""
    assert {'dashboard', 'visualizer'}.isdisjoint(nodes(source='demo'))
    found = nodes(source='demo', web=0, lazy=True)
    assert found['dashboard'].parameters == {'port': 0}
    assert 0 < found['visualizer'].parameters['compressed_rate'] < 30


def test_compressed_images_are_for_all_who_look_at_them() -> None:
    """camera_info lies beside the raw images, also where the compressed ones are named."""
    found = nodes(source='topics', color_topic='/eye/image', image_transport='compressed',
                  depth_transport='raw', visualizer=True)
    assert found['face_detector'].parameters['image_transport'] == 'compressed'
    assert found['face_detector'].parameters['depth_transport'] == 'raw'
    assert found['visualizer'].parameters == {
        'image_transport': 'compressed', 'depth_transport': 'raw'}
    for transport, topic in (('raw', '/eye/depth'), ('auto', '/eye/depth/compressedDepth')):
        found = nodes(source='topics', depth_topic='/eye/depth', image_transport='compressed',
                      depth_transport=transport, web=0)
        assert found['dashboard'].remappings == {'depth_registered/image_raw': topic}
    found = nodes(source='topics', color_topic='/eye/image/compressed')
    assert found['face_detector'].remappings['rgb/image_raw'] == '/eye/image/compressed'
    assert found['face_detector'].remappings['rgb/camera_info'] == '/eye/camera_info'


@pytest.mark.parametrize('name', ['image_transport', 'depth_transport'])
def test_a_driver_of_emorec_publishes_raw_images(name: str) -> None:
    """Nobody would find a face in compressed ones."""
    with pytest.raises(InputError, match=f'{name} is compressed, but source demo starts a driver'):
        nodes(source='demo', **{name: 'compressed'})
    assert nodes(source='demo', image_transport='raw', depth_transport='auto')


@pytest.mark.parametrize('name', ['color_topic', 'info_topic', 'depth_topic'])
def test_topics_of_another_camera_are_refused_beside_a_driver(name: str) -> None:
    """The driver's images would go nowhere."""
    with pytest.raises(InputError, match=f'{name} is /eye, but source demo starts a driver'):
        nodes(source='demo', **{name: '/eye'})


@pytest.mark.parametrize('options, parameters', [
    ({}, {}),
    ({'require_depth': False}, {'require_depth': False}),
    ({'require_depth': True, 'detector': 'haar'}, {'require_depth': True, 'detector': 'haar'}),
    ({'detector_model': 'y.onnx'}, {'detector': 'yunet', 'detector_model': 'y.onnx'})])
def test_only_what_is_given_wins_over_the_parameter_file(
    options: dict, parameters: dict
) -> None:
    """False is given too."""
    detector = nodes(source='demo', **options)['face_detector'].parameters
    assert detector == {'still_pictures': False, **parameters}


@pytest.mark.parametrize('options, expected', [
    ({}, None), ({'visualizer': True}, True), ({'publish_tf': True}, True),
    ({'visualizer': True, 'publish_tf': False}, False)])
def test_a_viewer_needs_the_frames_of_the_camera(options: dict, expected: bool | None) -> None:
    """Without one they may be in the robot's own description."""
    for source in ('demo', 'kinect'):
        driver = describe(GraphOptions(source=source, **options))[-1]
        assert driver.parameters.get('publish_tf') is expected


@pytest.mark.parametrize('lazy', [False, True])
def test_the_bridge_to_ros4hri_looks_at_the_same_camera(lazy: bool) -> None:
    """It comes when it is asked for, in a process of its own."""
    assert 'hri_bridge' not in nodes(source='demo')
    bridge = nodes(source='topics', color_topic='/eye', hri=True, lazy=lazy)['hri_bridge']
    assert bridge.remappings == {'rgb/image_raw': '/eye'}
    assert bridge.parameters == ({'lazy': True} if lazy else {})
    assert 'hri_bridge' in [
        process.executable for process in processes(GraphOptions(source='demo', hri=True))]


def test_the_topics_of_a_bag_reach_the_driver() -> None:
    """They are no topics of the graph."""
    found = nodes(source='bag:b', color_topic='/a/image', depth_topic='none')
    assert found['camera_driver'].parameters['source'] == 'bag:b?colour=/a/image&depth=none'
    assert found['face_detector'].remappings['rgb/image_raw'] == 'camera/rgb/image_raw'
    with pytest.raises(InputError, match='after the question mark of a bag'):
        nodes(source='bag:b?color', color_topic='/a/image')


def test_a_path_alone_is_a_source(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What is there tells its kind."""
    (tmp_path / 'rgb.txt').write_text('')
    found = nodes(source=str(tmp_path))
    assert found['camera_driver'].parameters['source'] == f'recording:{tmp_path}'
    assert found['face_detector'].parameters['max_wait'] == 0.0
