# SPDX-License-Identifier: Apache-2.0
"""A composed scene for machines without a camera."""
