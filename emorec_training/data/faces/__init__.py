# SPDX-License-Identifier: Apache-2.0
"""Faces cut out of images as the live detector does."""
