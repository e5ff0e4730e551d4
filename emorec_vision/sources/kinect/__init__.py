# SPDX-License-Identifier: Apache-2.0
"""Frames from a Kinect v1, through libfreenect."""
