# SPDX-License-Identifier: Apache-2.0
"""Data sets, networks, training, evaluation and export of the emotion model."""
