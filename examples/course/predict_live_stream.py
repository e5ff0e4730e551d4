# SPDX-License-Identifier: Apache-2.0
"""Tell an emotion per second: `python predict_live_stream.py`, or `... --source video:FILE`."""
import sys

from emorec_cli.main import main

MODEL = 'results/final_emotion_model.onnx'
sys.exit(main(['watch', '--model', MODEL, *sys.argv[1:]]))
