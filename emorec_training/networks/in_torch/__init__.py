# SPDX-License-Identifier: Apache-2.0
"""The networks that PyTorch trains as well."""
