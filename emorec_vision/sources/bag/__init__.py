# SPDX-License-Identifier: Apache-2.0
"""Frames from ROS 2 bags, read without ROS."""
