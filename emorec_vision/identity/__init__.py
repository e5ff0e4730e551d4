# SPDX-License-Identifier: Apache-2.0
"""Who a face is: recogniser, threshold and the decision per track."""
