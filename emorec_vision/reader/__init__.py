# SPDX-License-Identifier: Apache-2.0
"""Everything at once: from an image, or a stream of them, to who is there and what they show."""
