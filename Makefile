# SPDX-License-Identifier: Apache-2.0
# Everything is set up in .venv on first use; PYTHON=/path/to/python chooses the interpreter.
export PYTHON
PYTEST = .venv/bin/python -m pytest

.PHONY: help live build test lint training clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

live:  ## the live pipeline, options in ARGS, such as ARGS='--source demo --json'
	@tools/setup.sh
	@exec .venv/bin/emorec live $(ARGS)

build:  ## set up what is missing: .venv, ROS 2, the messages, the emorec command
	@tools/setup.sh

test:  ## linters and every test, options for pytest in ARGS
	@tools/setup.sh test training
	@exec $(PYTEST) $(ARGS)

lint:  ## only the linters
	@tools/setup.sh test
	@exec $(PYTEST) test/test_lint.py

training:  ## set up what `emorec emotions` needs too (TensorFlow)
	@tools/setup.sh training

clean:  ## remove .venv, and with it everything that was set up
	rm -rf .venv
