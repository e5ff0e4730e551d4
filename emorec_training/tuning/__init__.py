# SPDX-License-Identifier: Apache-2.0
"""The search for hyper-parameters with Optuna."""
