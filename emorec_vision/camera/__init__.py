# SPDX-License-Identifier: Apache-2.0
"""What intrinsics and lens tell about a position."""
