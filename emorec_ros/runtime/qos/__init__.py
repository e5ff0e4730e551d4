# SPDX-License-Identifier: Apache-2.0
"""The quality of service of topics, and what a user changes of it."""
