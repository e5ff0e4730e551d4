# SPDX-License-Identifier: Apache-2.0
"""The people a robot knows: their folder, photos, names and model."""
