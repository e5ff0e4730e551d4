# SPDX-License-Identifier: Apache-2.0
"""Draw people, emotions and contact sheets."""
