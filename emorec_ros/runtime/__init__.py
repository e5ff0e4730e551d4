# SPDX-License-Identifier: Apache-2.0
"""What every node shares: parameters, health, exit codes, quality of service."""
