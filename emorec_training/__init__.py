# SPDX-License-Identifier: Apache-2.0
"""From fer2013.csv to the ONNX emotion model; the only room that imports Keras."""
