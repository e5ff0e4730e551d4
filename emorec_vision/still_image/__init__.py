# SPDX-License-Identifier: Apache-2.0
"""Still images: decoded in one place, within limits."""
