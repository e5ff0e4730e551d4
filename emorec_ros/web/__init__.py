# SPDX-License-Identifier: Apache-2.0
"""What the dashboard shows, from messages, and what its buttons ask nodes for."""
