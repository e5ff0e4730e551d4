# SPDX-License-Identifier: Apache-2.0
"""Run all nodes between the camera and /emotions in one process, without topics between them.

Each keeps its name, parameters and services. Parameter files name the nodes as always, and a
remapping can name its node: `-r face_detector:rgb/image_raw:=camera/rgb/image_raw`. When one of
them ends, for whatever reason, all do.
"""

from functools import partial
import sys

from emorec_ros.aggregator import Aggregator
from emorec_ros.emotion import Emotion
from emorec_ros.face_detector import FaceDetector
from emorec_ros.identity import Identity
from emorec_ros.runtime.executors import run_together
from emorec_ros.transport.ways import Direct


def main() -> int:
    """Run the nodes."""
    transport = Direct()
    # identity may have to learn many people: the others do not wait for it.
    return run_together({
        'aggregator': partial(Aggregator, transport),
        'emotion': partial(Emotion, transport),
        'face_detector': partial(FaceDetector, transport),
        'identity': partial(Identity, transport)})


if __name__ == '__main__':
    sys.exit(main())
