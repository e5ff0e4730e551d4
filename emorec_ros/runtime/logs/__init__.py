# SPDX-License-Identifier: Apache-2.0
"""Log lines: short, escaped, counted where they repeat."""
