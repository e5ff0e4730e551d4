# SPDX-License-Identifier: Apache-2.0
"""Run the graph as processes of this machine."""
