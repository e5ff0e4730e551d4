# SPDX-License-Identifier: Apache-2.0
"""Enrol, rename and forget people while the graph runs."""
