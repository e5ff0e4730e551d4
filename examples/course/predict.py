# SPDX-License-Identifier: Apache-2.0
"""Print the accuracy on the test table: `python predict.py --data FOLDER`."""
import sys

from emorec_cli.main import main

sys.exit(main(['course', '--only', 'predict', *sys.argv[1:]]))
