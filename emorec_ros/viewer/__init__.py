# SPDX-License-Identifier: Apache-2.0
"""What the visualizer shows and records."""
