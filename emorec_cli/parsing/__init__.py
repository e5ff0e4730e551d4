# SPDX-License-Identifier: Apache-2.0
"""Options of commands: parsed, checked and explained."""
