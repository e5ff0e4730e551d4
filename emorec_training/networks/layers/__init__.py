# SPDX-License-Identifier: Apache-2.0
"""What networks are made of."""
