# SPDX-License-Identifier: Apache-2.0
"""Turn a face of the test table from Happy to Sad: `python hack_the_cnn.py --data FOLDER`."""
import sys

from emorec_cli.main import main

sys.exit(main(['course', '--only', 'hack', *sys.argv[1:]]))
