# SPDX-License-Identifier: Apache-2.0
"""The emotion of a face: the network, and what it says over time."""
