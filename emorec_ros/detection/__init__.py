# SPDX-License-Identifier: Apache-2.0
"""What the face_detector is set to."""
