# SPDX-License-Identifier: Apache-2.0
"""Train the network of the course: `python train.py --data FOLDER --time '20 minutes'`."""
import sys

from emorec_cli.main import main

sys.exit(main(['course', '--only', 'train', *sys.argv[1:]]))
