# SPDX-License-Identifier: Apache-2.0
"""The face detectors, and which one is taken."""
