# SPDX-License-Identifier: Apache-2.0
"""Faces and persons as ROS4HRI has them (REP 155)."""
