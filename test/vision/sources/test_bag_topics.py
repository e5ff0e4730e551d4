# SPDX-License-Identifier: Apache-2.0
"""The right topics of a bag are found by their names, or chosen."""

from bags import Bag
from bags import COLOUR
from bags import DEPTH
from bags import png
from bags import STEP
from emorec_vision.errors import InputError
from emorec_vision.sources import open_source
from emorec_vision.sources.bag.names import BagNames
from emorec_vision.sources.bag.names import with_names
from emorec_vision.sources.bag.topics import BagTopics
from emorec_vision.sources.bag.topics import CAMERA_INFO
from emorec_vision.sources.bag.topics import choose_topics
from emorec_vision.sources.bag.topics import COMPRESSED
from emorec_vision.sources.bag.topics import IMAGE
import numpy as np
import pytest


@pytest.mark.parametrize('topics, chosen', [
    ({'/a/image': 'rgb8', '/camera/rgb/image_raw': 'rgb8'}, ('/camera/rgb/image_raw', '', False)),
    ({'/cam/color/image_raw': 'bgr8', '/cam/aligned_depth_to_color/image_raw': '16UC1',
      '/cam/depth/image_rect_raw': '16UC1'},
     ('/cam/color/image_raw', '/cam/aligned_depth_to_color/image_raw', True)),
    ({'/eye': 'mono8', '/range': '32FC1'}, ('/eye', '/range', False)),
    ({'/eye': 'mono16', '/depth': 'mono16'}, ('/eye', '/depth', False)),
    ({'/a_ir': 'mono16', '/eye': 'rgb8', '/range': '16UC1'}, ('/eye', '/range', False)),
])
def test_topics_are_chosen_by_name_and_by_type(topics, chosen):
    found = choose_topics(dict.fromkeys(topics, IMAGE), topics.__getitem__, 'bag')
    assert (found.colour, found.depth, found.aligned) == chosen


def test_raw_images_are_preferred_to_the_same_compressed_and_colour_to_infrared():
    types = {'/c/color/image_raw/compressed': COMPRESSED, '/c/infra1/image_rect_raw': IMAGE,
             '/c/color/camera_info': CAMERA_INFO}
    encodings = {'/c/infra1/image_rect_raw': 'mono8'}
    found = choose_topics(types, lambda topic: encodings.get(topic, 'bgr8'), 'bag')
    assert (found.colour, found.info) == ('/c/color/image_raw/compressed', '/c/color/camera_info')
    types['/c/color/image_raw'] = IMAGE
    found = choose_topics(types, lambda topic: encodings.get(topic, 'bgr8'), 'bag')
    assert found.colour == '/c/color/image_raw'


@pytest.mark.parametrize('types, told', [
    ({'/scan': 'sensor_msgs/msg/LaserScan'}, 'its image topics are: none'),
    ({'/depth': IMAGE}, r'/depth \(16UC1\)'),
    ({'/rgb/compressedDepth': COMPRESSED}, r'/rgb/compressedDepth \(16UC1\)'),
])
def test_a_bag_without_colour_is_refused(types, told):
    with pytest.raises(InputError, match=told):
        choose_topics(types, lambda _: '16UC1', 'bag')


def chosen_of(topics: dict[str, str], **names: str) -> BagTopics:
    """Return the choice among topics with encodings; '' stands for a camera_info."""
    types = {topic: CAMERA_INFO if not encoding else
             COMPRESSED if 'compressed' in topic else IMAGE for topic, encoding in topics.items()}
    return choose_topics(types, topics.__getitem__, 'bag', BagNames(**names))


REALSENSE = {'/cam/color/image_raw': 'rgb8', '/cam/color/camera_info': '',
             '/cam/aligned_depth_to_infra1/image_raw': '16UC1',
             '/cam/confidence/image_rect_raw': '16UC1', '/cam/infra1/image_rect_raw': 'mono8',
             '/cam/depth/image_rect_raw': '16UC1'}
ZED = {'/zed/zed_node/confidence/confidence_map': '32FC1',
       '/zed/zed_node/depth/depth_registered': '32FC1',
       '/zed/zed_node/disparity/disparity_image': '32FC1',
       '/zed/zed_node/left/image_rect_color': 'bgra8',
       '/zed/zed_node/rgb/image_rect_color': 'bgra8', '/zed/zed_node/rgb/camera_info': '',
       '/zed/zed_node/right/image_rect_color': 'bgra8'}


@pytest.mark.parametrize('topics, colour, depth', [
    (REALSENSE, '/cam/color/image_raw', '/cam/depth/image_rect_raw'),
    (ZED, '/zed/zed_node/rgb/image_rect_color', '/zed/zed_node/depth/depth_registered'),
    ({name: encoding for name, encoding in ZED.items() if '/rgb/' not in name},
     '/zed/zed_node/left/image_rect_color', '/zed/zed_node/depth/depth_registered'),
    ({'/camera/color/image_raw': 'rgb8', '/camera/ir/image_raw': '16UC1'},
     '/camera/color/image_raw', ''),
    ({'/camera/color/image_raw': 'rgb8', '/camera/left/image_raw': 'mono16'},
     '/camera/color/image_raw', ''),
    ({'/rgbd_camera/image': 'rgb8', '/rgbd_camera/depth_image': '32FC1'},
     '/rgbd_camera/image', '/rgbd_camera/depth_image'),
    ({'/oak/rgb/image_raw': 'bgr8', '/oak/stereo/image_raw': '16UC1'},
     '/oak/rgb/image_raw', '/oak/stereo/image_raw'),
    ({'/back/depth/image_raw': '16UC1', '/back/color/image_raw': 'rgb8',
      '/front/color/image_raw': 'rgb8', '/front/depth/image_raw': '16UC1'},
     '/back/color/image_raw', '/back/depth/image_raw'),
    ({'/a_webcam/image_raw': 'rgb8', '/b/image': 'rgb8', '/b/depth/image': '16UC1'},
     '/b/image', '/b/depth/image'),
    ({'/usb_cam/image_raw': 'rgb8', '/arm/depth_registered/image_raw': '16UC1'},
     '/usb_cam/image_raw', ''),
    ({'/left': 'rgb8', '/right': 'rgb8', '/right_depth': '16UC1'}, '/right', '/right_depth'),
    ({'/a_debug/color/image_raw': 'rgb8', '/cam/image': 'rgb8', '/cam/depth': '32FC1',
      '/cam/depth/debug_image': '32FC1'}, '/cam/image', '/cam/depth'),
    ({'/cam/a_mono/image_raw': 'mono8', '/cam/image_raw': 'rgb8'}, '/cam/image_raw', ''),
    ({'/cam/depth/image_colormap': 'bgr8', '/cam/image': 'bgr8'}, '/cam/image', ''),
    ({'/cam/infra1/image_rect_raw': 'mono8'}, '/cam/infra1/image_rect_raw', ''),
])
def test_depth_is_that_of_the_camera_and_nothing_else(topics, colour, depth):
    found = chosen_of(topics)
    assert (found.colour, found.depth) == (colour, depth)
    assert found.info == ''.join(topic for topic in topics if topic.endswith('rgb/camera_info')
                                 or topic.endswith('color/camera_info'))


def test_a_line_says_what_is_played_and_what_else_would_fit():
    found = chosen_of({**REALSENSE, '/b/color/image_raw/compressed': 'bgr8',
                       '/b/depth/image_raw': '16UC1', '/dbg/image_debug': 'rgb8'})
    assert found.line == (
        'playing /cam/color/image_raw, depth /cam/depth/image_rect_raw, camera_info '
        '/cam/color/camera_info; would fit too: --colour /b/color/image_raw/compressed, '
        '--depth /b/depth/image_raw')


def test_chosen_topics_win():
    found = chosen_of(ZED, colour='/zed/zed_node/right/image_rect_color',
                      depth='zed/zed_node/confidence/confidence_map',
                      info='/zed/zed_node/rgb/camera_info')
    assert (found.colour, found.depth, found.info, found.aligned) == (
        '/zed/zed_node/right/image_rect_color', '/zed/zed_node/confidence/confidence_map',
        '/zed/zed_node/rgb/camera_info', True)
    found = chosen_of(ZED, depth='none', info='none')
    assert (found.depth, found.info) == ('', '')
    found = chosen_of({'/a/image': 'rgb8', '/b/image/compressed': 'bgr8'}, colour='/b/image')
    assert found.colour == '/b/image/compressed'


@pytest.mark.parametrize('names, told', [
    ({'colour': '/nobody'}, 'bag has no topic /nobody .*; it has /zed/zed_node/confidence'),
    ({'info': '/nobody'}, 'bag has no topic /nobody .*; it has /zed/zed_node/rgb/camera_info'),
    ({'colour': '/zed/zed_node/depth/depth_registered'}, 'holds no colour images'),
])
def test_a_chosen_topic_that_does_not_fit_is_refused(names, told):
    with pytest.raises(InputError, match=told):
        chosen_of(ZED, **names)


def test_the_name_of_a_source_holds_the_chosen_topics(tmp_path):
    bag = Bag(tmp_path / 'bag')
    for camera, shift in (('front', 0), ('back', 1)):
        bag.image(f'/{camera}/color/image_raw', COLOUR + np.uint8(shift), 'rgb8', 0)
        bag.image(f'/{camera}/depth_registered/image_raw', DEPTH + shift, '16UC1', 0)
        bag.info(f'/{camera}/color/camera_info', k=np.array(
            [5.0 + shift, 0, 3, 0, 6, 2, 0, 0, 1]))
    bag.close()
    name = with_names(f'bag:{bag.path}', {'colour': '/front/color/image_raw', 'depth': '',
                                          'info': '/back/color/camera_info'})
    assert name == (f'bag:{bag.path}?colour=/front/color/image_raw'
                    '&info=/back/color/camera_info')
    with open_source(name) as source:
        frame = source.read()
        assert np.array_equal(frame.rgb, COLOUR) and np.array_equal(frame.depth, DEPTH)
        assert frame.intrinsics.fx == 6.0
        line, = source.take_warnings()
    assert 'playing /front/color/image_raw, depth /front/depth_registered/image_raw' in line
    assert '--colour /back/color/image_raw' in line
    again = with_names(name, {'depth': 'none'})
    with open_source(again) as source:
        assert source.read().depth is None


@pytest.mark.parametrize('query', ['?color', '?depht=/a'])
def test_a_query_that_is_none_is_refused(query, tmp_path):
    with pytest.raises(InputError, match='colour=/a&depth=/b'):
        open_source(f'bag:{tmp_path}/bag{query}')


def test_topics_of_what_is_no_bag_are_refused():
    assert with_names('demo', {'colour': '', 'depth': ''}) == 'demo'
    with pytest.raises(InputError, match='--depth /a: source demo is no bag'):
        with_names('demo', {'colour': '', 'depth': '/a'})


def test_compressed_depth_of_16_bits_is_depth_whatever_its_format_says(tmp_path):
    bag = Bag(tmp_path / 'bag')
    for number in range(2):
        bag.compressed('/cam/color/image_raw/compressed', png(COLOUR[..., ::-1]), 'png',
                       number * STEP)
        bag.compressed('/cam/aligned_depth_to_color/image_raw/compressed', png(DEPTH), 'png',
                       number * STEP)
    frames, _, _ = bag.play()
    assert all(np.array_equal(frame.rgb, COLOUR) for frame in frames)
    assert all(np.array_equal(frame.depth, DEPTH) for frame in frames)


@pytest.mark.parametrize('pixels, encoding', [
    (np.full((6, 8), 36000, np.uint16), '16UC1'), (np.full((6, 8), 36000, np.float32), '32FC1')])
def test_depth_in_another_unit_is_told_and_can_be_stated(pixels, encoding, tmp_path):
    bag = Bag(tmp_path / 'bag')
    for number in range(3):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number * STEP)
        bag.image('/depth_registered/image_raw', pixels, encoding, number * STEP)
    _, told, _ = bag.play()
    assert sum('if it is in another unit' in line or 'look like millimetres' in line
               for line in told) == 1
    with open_source(f'bag:{bag.path}?depth_unit=0.25mm') as source:
        assert source.read().depth[0, 0] == 9000
        assert not any('another unit' in line for line in source.take_warnings())
    with pytest.raises(InputError, match="depth_unit 'furlong' is no length"):
        open_source(f'bag:{bag.path}?depth_unit=furlong')
