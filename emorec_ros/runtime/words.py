# SPDX-License-Identifier: Apache-2.0
"""Words that nodes and the commands that start them give each other."""

NOBODY = 'none'
"""Given as the people folder: everybody is unknown."""
