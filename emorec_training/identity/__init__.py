# SPDX-License-Identifier: Apache-2.0
"""Offline studies of face recognition."""
