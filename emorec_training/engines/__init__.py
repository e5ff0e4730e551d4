# SPDX-License-Identifier: Apache-2.0
"""What computes the training steps: Keras or plain PyTorch."""
