# SPDX-License-Identifier: Apache-2.0
"""Video files read part by part, in any order and any number of processes, to one table."""
