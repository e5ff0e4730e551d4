# SPDX-License-Identifier: Apache-2.0
"""Maps of what a network sees: by gradient, and for images of each class."""
