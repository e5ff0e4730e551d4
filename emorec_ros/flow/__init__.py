# SPDX-License-Identifier: Apache-2.0
"""How messages meet: pairing, joining, back-pressure."""
