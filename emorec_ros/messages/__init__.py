# SPDX-License-Identifier: Apache-2.0
"""Conversions between messages and the values of emorec_vision."""
