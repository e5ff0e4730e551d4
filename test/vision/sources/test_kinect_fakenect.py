# SPDX-License-Identifier: Apache-2.0
"""The real wrapper and the real libfreenect with fakenect play the demo scene."""

import json
import os
import subprocess
import sys

from emorec_vision.sources.demo.source import DemoScene
from fakenect_dump import fakenect_environment
from fakenect_dump import write_dump
import numpy as np
import pytest

PLAY = """
from collections import Counter
import json
import sys

from emorec_vision.errors import InputError
from emorec_vision.sources import SourceLost
from emorec_vision.sources.kinect.source import kinect_is_plugged_in
from emorec_vision.sources.kinect.source import KinectSource
import numpy as np

told, counts = {'plugged in': kinect_is_plugged_in()}, Counter()
with KinectSource(counts=counts) as source:
    told['warnings'] = source.take_warnings()
    frames = 0
    try:
        while True:
            frame = source.read()
            frames += 1
    except SourceLost as error:
        told.update(end=str(error), frames=frames, counts=dict(counts))
np.savez(sys.argv[1], rgb=frame.rgb, depth=frame.depth)
try:
    KinectSource()
except InputError as error:
    told['again'] = str(error)
print(json.dumps(told))
"""


@pytest.fixture(scope='module')
def played(tmp_path_factory):
    """Play a dump of one second; return what was told, and the last image and its depth."""
    folder = tmp_path_factory.mktemp('kinect')
    environment = fakenect_environment(folder / 'dump')
    write_dump(folder / 'dump', 1.0)
    run = subprocess.run(
        [sys.executable, '-c', PLAY, str(folder / 'last.npz')], capture_output=True, text=True,
        env={**os.environ, **environment}, check=False)
    assert run.returncode == 0, run.stderr
    last = np.load(folder / 'last.npz')
    line, = (line for line in run.stdout.splitlines() if line.startswith('{'))
    return json.loads(line), last['rgb'], last['depth']


def test_every_image_arrives_in_pairs_across_the_wrap_of_the_clock(played):
    told, _, _ = played
    assert told['plugged in']
    assert told['counts']['colour frames'] == told['counts']['depth frames'] == 30
    assert told['counts'].get('frames without partner', 0) == 0
    assert told['frames'] + told['counts'].get('pairs not read in time', 0) == 30


def test_debians_fakenect_is_asked_for_the_only_depth_that_it_has(played):
    told, _, _ = played
    assert told['warnings'] == ['fakenect 0.5 plays raw depth only: depth_mode is 11bit']


def test_the_end_of_the_recording_is_an_unplugged_kinect(played):
    told, _, _ = played
    assert told['end'] == 'the Kinect stopped delivering images (unplugged?)'
    assert told['again'] == 'the Kinect delivers no images (unplugged?)'


def test_depth_lies_on_colour_as_in_the_scene(played):
    _, rgb, depth = played
    scene = DemoScene()
    recorded = [scene.frame(2 * image) for image in range(6)]
    original, = (frame for frame in recorded if np.array_equal(frame.rgb, rgb))
    expected, both = original.depth.astype(int), (original.depth > 0) & (depth > 0)
    assert both.mean() > 0.7  # the depth camera sees less than the colour camera
    error = np.abs(depth.astype(int) - expected)[both] / expected[both]
    assert np.median(error) < 0.005
    assert np.mean(error > 0.03) < 0.01
    near = (expected > 0) & (expected < 1600)  # the person
    assert np.median(np.abs(depth.astype(int) - expected)[near & both]) <= 5
