# SPDX-License-Identifier: Apache-2.0
"""A robot's dashboard: what its nodes tell, as a page; no ROS in here."""
