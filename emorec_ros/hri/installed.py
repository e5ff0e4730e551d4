# SPDX-License-Identifier: Apache-2.0
"""The messages of ROS4HRI where the package hri_msgs is."""

from emorec_vision.errors import InputError
try:
    from hri_msgs.msg import EngagementLevel
    from hri_msgs.msg import Expression
    from hri_msgs.msg import FacialLandmarks
    from hri_msgs.msg import IdsList
    from hri_msgs.msg import IdsMatch
    from hri_msgs.msg import NormalizedPointOfInterest2D
    from hri_msgs.msg import NormalizedRegionOfInterest2D
except ImportError:  # not among the wheels of PyPI
    EngagementLevel = Expression = FacialLandmarks = IdsList = IdsMatch = None
    NormalizedPointOfInterest2D = NormalizedRegionOfInterest2D = None

__all__ = ['EngagementLevel', 'Expression', 'FacialLandmarks', 'IdsList', 'IdsMatch',
           'NormalizedPointOfInterest2D', 'NormalizedRegionOfInterest2D', 'check_installed']


def check_installed() -> None:
    """Check that there are the messages of ROS4HRI.

    Raises:
        InputError: if not.
    """
    if IdsList is None:
        raise InputError('ROS4HRI needs the ROS package hri_msgs, which cannot be imported: apt '
                         'install ros-$ROS_DISTRO-hri-msgs, or see docs/ros4hri.md')
