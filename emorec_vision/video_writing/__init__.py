# SPDX-License-Identifier: Apache-2.0
"""Videos that play to their last image whatever ends the program that writes them."""
