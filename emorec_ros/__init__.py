# SPDX-License-Identifier: Apache-2.0
"""The ROS 2 nodes of emorec, one per file, and the description of their graph."""
