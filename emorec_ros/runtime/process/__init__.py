# SPDX-License-Identifier: Apache-2.0
"""What concerns a node as a process: how it ends, and what watches it."""
