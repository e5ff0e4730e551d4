# SPDX-License-Identifier: Apache-2.0
"""Names for the pictures that one run writes into a folder."""


class NewNames:
    """Names of PNG files that no other picture of this run has."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def __call__(self, stem: str) -> str:
        """Return a name for a picture that is made of a file with this stem."""
        name, count = f'{stem}.png', 1
        while name in self._given:
            count += 1
            name = f'{stem}-{count}.png'
        self._given.add(name)
        return name
