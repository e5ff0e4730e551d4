# SPDX-License-Identifier: Apache-2.0
"""Where in an image, or a stream of them, a detector looks."""
