# SPDX-License-Identifier: Apache-2.0
"""Errors of the ROS client library that a user can put right."""

from collections.abc import Iterator
from contextlib import contextmanager

from emorec_vision.errors import InputError
from rclpy.impl.implementation_singleton import rclpy_implementation

RCLError: type[Exception] = rclpy_implementation.RCLError


@contextmanager
def as_input_error(what: str) -> Iterator[None]:
    """Turn an error of the client library, such as of a bad ROS_DOMAIN_ID, into one line.

    Args:
        what: went wrong, before the library's own words.

    Raises:
        InputError: with the first line of the error.
    """
    try:
        yield
    except RCLError as error:
        raise InputError(f'{what}: {str(error).splitlines()[0]}') from error
