# SPDX-License-Identifier: Apache-2.0
"""What the service remembers: its database, the tables in it, and the results of pictures."""
