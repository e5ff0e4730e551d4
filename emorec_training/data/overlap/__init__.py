# SPDX-License-Identifier: Apache-2.0
"""Images that two sets have in common."""
