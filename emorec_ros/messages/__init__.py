# SPDX-License-Identifier: Apache-2.0
"""Convert between messages and the values of emorec_vision."""
