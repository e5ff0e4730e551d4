# SPDX-License-Identifier: Apache-2.0
"""FER2013 and other labelled images: read, check, split, distort."""
