# SPDX-License-Identifier: Apache-2.0
"""What is worked out from pixels, depth and labels; no ROS and no Keras in here."""
