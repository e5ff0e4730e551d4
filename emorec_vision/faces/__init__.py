# SPDX-License-Identifier: Apache-2.0
"""Find and follow faces: detectors, the search of streams, tracks and crops."""
