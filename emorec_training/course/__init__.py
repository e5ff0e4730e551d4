# SPDX-License-Identifier: Apache-2.0
"""The 01-edu course "Emotions detection with Deep Learning": its data, plan and artefacts."""
