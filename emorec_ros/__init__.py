# SPDX-License-Identifier: Apache-2.0
"""The ROS 2 nodes of emorec, one per file, their graph, and what writes their parameters."""
