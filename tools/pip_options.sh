# SPDX-License-Identifier: Apache-2.0
# How pip installs, for the scripts beside: only files whose hash is in requirements/locked/, and
# only wheels, but for what comes as source alone. That is built with setuptools of bootstrap.txt.
from_source=(empy flake8-blind-except flake8-quotes freenect)
pip_options=(--disable-pip-version-check --no-input --progress-bar off --no-compile
  --require-hashes --no-build-isolation --only-binary :all:
  --no-binary "$(IFS=,; echo "${from_source[*]}")")
