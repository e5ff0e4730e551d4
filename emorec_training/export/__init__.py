# SPDX-License-Identifier: Apache-2.0
"""From trained networks to one ONNX file, and back."""
