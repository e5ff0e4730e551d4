# SPDX-License-Identifier: Apache-2.0
"""What the service and its worker processes agree on."""

from dataclasses import dataclass

from emorec_vision.still_image.header import MAX_PIXELS

LENGTH_BYTES = 8
"""In which the length of a picture goes before it."""
GIVEN_BACK_FROM = 2**20
"""Bytes of memory from which on the C library gives back at once what is freed."""


@dataclass(frozen=True)
class WorkLimits:
    """What one picture may take.

    Attributes:
        max_pixels: width times height.
        memory: bytes of address space beyond those of the process at its start.
        cpu_seconds: of all cores together; the kernel counts whole ones.
        seconds: until the answer, on the clock.
    """

    max_pixels: int = MAX_PIXELS
    memory: int = 2**30
    cpu_seconds: int = 10
    seconds: int = 60
