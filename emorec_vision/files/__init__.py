# SPDX-License-Identifier: Apache-2.0
"""Files and folders: read with care, written whole or not at all."""
