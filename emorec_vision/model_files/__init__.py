# SPDX-License-Identifier: Apache-2.0
"""The networks and other files that are shipped or installed beside the code."""
