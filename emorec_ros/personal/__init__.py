# SPDX-License-Identifier: Apache-2.0
"""Read each face against what is known of the person, and learn more of it."""
