# SPDX-License-Identifier: Apache-2.0
"""How a request ends that the service does not answer."""

from starlette.exceptions import HTTPException


class Refused(HTTPException):
    """The HTTP status that a request ends with, and the reason in one line."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, reason, headers)
