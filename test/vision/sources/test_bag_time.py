# SPDX-License-Identifier: Apache-2.0
"""A bag whose time goes back or stands still is played, and what is left out is counted."""

from bags import Bag
from bags import COLOUR
from bags import DEPTH
from bags import START
from bags import STEP
from emorec_vision.sources import open_source
import numpy as np
import pytest


@pytest.mark.parametrize('back', [25 * STEP, 50 * STEP])
def test_a_bag_that_loops_starts_afresh_with_all_images_and_depth(back, tmp_path):
    bag = Bag(tmp_path / 'bag')
    stamps = [number * STEP for number in range(50)]
    stamps += [stamp + 49 * STEP - back for stamp in stamps]
    for number, stamp in enumerate(stamps):
        pixels = DEPTH + number
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', stamp, came=number * STEP)
        bag.image('/depth_registered/image_raw', pixels, '16UC1', stamp, came=number * STEP + 9)
    frames, warnings, skipped = bag.play()
    expected = stamps if back > 25 * STEP else stamps[:50] + stamps[76:]
    assert [frame.stamp - START for frame in frames] == expected
    if back > 25 * STEP:
        assert all(np.array_equal(frame.depth, DEPTH + number)
                   for number, frame in enumerate(frames))
        assert ['time goes back from' in line for line in warnings] == [False, True]
    else:
        assert ['not later' in line for line in warnings] == [False, True, True]
        assert '26 were left out in all' in warnings[-1]
    assert skipped == 0


def test_one_wild_stamp_costs_no_other_image(tmp_path):
    bag = Bag(tmp_path / 'bag')
    for number in range(10):
        stamp = 3600 * 10**9 if number == 4 else number * STEP
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', stamp, came=number * STEP)
    frames, _, _ = bag.play()
    assert len(frames) == 10


def test_how_often_time_went_back_is_told(tmp_path):
    bag = Bag(tmp_path / 'bag')
    for number in range(90):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number % 30 * STEP, came=number * STEP)
    frames, warnings, _ = bag.play()
    assert len(frames) == 90
    assert [line.split(': ')[1] for line in warnings] == [
        'time goes back from 1700000001.160 s to 1700000000.000 s',
        'time went back 2 times in all']


def test_stamps_that_stand_still_give_way_to_the_times_of_recording(tmp_path):
    bag = Bag(tmp_path / 'bag')
    for number in range(8):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', 0, came=number * STEP)
        bag.image('/depth_registered/image_raw', DEPTH + number, '16UC1', 0, came=number * STEP)
    frames, warnings, _ = bag.play()
    assert [frame.stamp - START for frame in frames] == [number * STEP for number in range(8)]
    assert all(np.array_equal(frame.depth, DEPTH + n) for n, frame in enumerate(frames))
    assert any('stand still' in line for line in warnings)
    with open_source(f'bag:{bag.path}') as source:
        assert source.frame_rate == pytest.approx(25.0)


def test_images_of_one_defect_make_one_line_and_a_count(tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.image('/rgb/image_raw', COLOUR, 'rgb8', 0)
    for number in range(1, 41):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number * STEP,
                  data=np.zeros(number, np.uint8))
    frames, warnings, skipped = bag.play()
    assert (len(frames), skipped, len(warnings)) == (1, 40, 2)
    assert 'the image of 1700000000.040 s is left out: 1 bytes of data' in warnings[0]
    assert '40 were left out in all' in warnings[1]


def test_messages_that_cannot_be_decoded_make_one_line_and_a_count(tmp_path):
    bag = Bag(tmp_path / 'bag')
    for number in range(12):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number * STEP)
        if number % 2:
            bag.broken('/rgb/image_raw', number * STEP + 1)
    frames, warnings, _ = bag.play()
    assert (len(frames), len(warnings)) == (12, 2)
    assert 'is broken and left out' in warnings[0]
    assert '6 messages of /rgb/image_raw are broken' in warnings[1]


def test_a_time_of_recording_that_ros_cannot_say_is_its_latest(tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.image('/rgb/image_raw', COLOUR, 'rgb8', -START, came=2**62)
    frames, _, _ = bag.play()
    assert [frame.stamp for frame in frames] == [2**31 * 10**9 - 1]
