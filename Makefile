# SPDX-License-Identifier: Apache-2.0
# Everything is set up in .venv on first use; PYTHON=/path/to/python chooses the interpreter,
# ROS=jazzy or ROS=kilted the ROS 2 distribution. Each holds until another is chosen.
# A sourced ROS 2 installation must not mix with the wheels.
export PYTHON ROS
unexport PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH LD_LIBRARY_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
# Without compiled modules every node would compile its libraries at every start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help live build test lint training service messages lock sbom licences clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

live:  ## the live pipeline, options in ARGS, such as ARGS='--source demo --json'
	@tools/setup.sh
	@exec .venv/bin/emorec live $(ARGS)

build:  ## set up what is missing: .venv, ROS 2, the messages, the emorec command
	@tools/setup.sh

test: export ROS_AUTOMATIC_DISCOVERY_RANGE = LOCALHOST
test: export OPENBLAS_NUM_THREADS = 1
test:  ## linters and every test in two processes, options for pytest in ARGS
	@tools/setup.sh test training serve
	@exec .venv/bin/pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

lint:  ## only the linters
	@tools/setup.sh test
	@exec .venv/bin/pytest test/test_lint.py

training:  ## set up what `emorec emotions` needs too (TensorFlow)
	@tools/setup.sh training

service:  ## set up what `emorec serve` needs too
	@tools/setup.sh serve

messages:  ## build message packages too, such as hri_msgs, from their sources in FROM=FOLDER
	@tools/setup.sh messages '$(FROM)'

lock:  ## write requirements/locked anew, the hashes of all that is installed
	@tools/lock.sh lock

sbom:  ## write sbom.json, a list of what is installed (CycloneDX)
	@tools/setup.sh
	@tools/lock.sh sbom

licences:  ## write docs/licences.md anew, from what is installed (and in site-packages of FROM)
	@tools/setup.sh test training serve
	@.venv/bin/python tools/licences.py $(FROM)

clean:  ## remove .venv, and with it everything that was set up
	@[ ! -e .venv ] || [ -e .venv/.emorec ] || \
	  { echo 'clean: .venv was not made by this Makefile: remove it yourself' >&2; exit 2; }
	rm -rf .venv
