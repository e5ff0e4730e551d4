# SPDX-License-Identifier: Apache-2.0
"""How good and how fast trained networks are."""
