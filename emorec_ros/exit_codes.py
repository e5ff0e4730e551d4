# SPDX-License-Identifier: Apache-2.0
"""What the exit code of a node process means, to the supervisor and to ros2 launch alike."""

FINISHED = 0
"""the run is over, such as a file at its end"""
CRASHED = 1
"""or any code but the others: start the process again"""
BAD_INPUT = 2
"""starting again would not help; one line on standard error says why"""
