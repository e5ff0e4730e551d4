# SPDX-License-Identifier: Apache-2.0
"""What depth says about a face: real, false or unknown."""
