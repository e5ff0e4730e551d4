# SPDX-License-Identifier: Apache-2.0
"""Pictures as they come in: their pixels, and the files of those that are kept."""
