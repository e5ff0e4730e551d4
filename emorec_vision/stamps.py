# SPDX-License-Identifier: Apache-2.0
"""Stamps are whole nanoseconds everywhere: a float of seconds rounds them."""

NANOSECONDS = 1_000_000_000
"""In a second."""
MAX_STEP_BACK_NS = NANOSECONDS
"""A stamp further back than this begins anew: a bag that loops, a new video."""
ROUNDING_NS = 1000
"""Of the stamps of files: frames a third of a second apart are not exactly so."""


def seconds_to_ns(seconds: float) -> int:
    """Return seconds as whole nanoseconds."""
    return round(seconds * NANOSECONDS)
