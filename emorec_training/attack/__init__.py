# SPDX-License-Identifier: Apache-2.0
"""Adversarial images: how easily a network is fooled."""
