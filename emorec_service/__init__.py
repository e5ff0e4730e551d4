# SPDX-License-Identifier: Apache-2.0
"""The HTTP service: pictures in, faces and emotions out, kept in a store; no ROS in here."""
