# SPDX-License-Identifier: Apache-2.0
"""HTTP: who is let in, the paths, what goes over the wire, and the two pages."""
