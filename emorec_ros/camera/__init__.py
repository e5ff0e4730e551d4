# SPDX-License-Identifier: Apache-2.0
"""Image topics, published and received."""
