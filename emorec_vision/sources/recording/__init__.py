# SPDX-License-Identifier: Apache-2.0
"""Recordings of colour and depth: read and written."""
