# SPDX-License-Identifier: Apache-2.0
"""Support vector machines on hand-made features, as networks like the others."""
