# SPDX-License-Identifier: Apache-2.0
"""Cut 20 faces out of a video: `python preprocess.py --data FOLDER --video clip.mp4`."""
import sys

from emorec_cli.main import main

sys.exit(main(['course', '--only', 'preprocess', *sys.argv[1:]]))
