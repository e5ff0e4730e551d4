# SPDX-License-Identifier: Apache-2.0
"""What is worked out from pixels, depth and labels; no ROS and no Keras in here."""
import os

# ONNX Runtime's wheels have telemetry to Microsoft that is on unless this is set first. What a
# robot sees and when it runs is nobody else's business.
os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')
