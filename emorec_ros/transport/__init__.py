# SPDX-License-Identifier: Apache-2.0
"""How results go from node to node, in one process or between several."""
