# SPDX-License-Identifier: Apache-2.0
"""Faces followed from image to image."""
