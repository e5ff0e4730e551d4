#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The list of everything that is installed, with hashes, and tools to check it.
#
# usage: tools/lock.sh lock      write requirements/locked/ anew: every package that each list of
#                                requirements/ brings, in versions of constraints.txt, with the
#                                hash of each of its files, for Python 3.10 to 3.13
#        tools/lock.sh sbom      write sbom.json: what is installed in .venv, as CycloneDX
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/pip_options.sh

tools=.venv/tools

install_tools() {
  local list
  [ -x .venv/bin/python ] || { echo 'lock: run make build first' >&2; exit 2; }
  [ -x "$tools/bin/python" ] || .venv/bin/python -m venv "$tools"
  for list in bootstrap tools; do
    "$tools/bin/python" -m pip install -q "${pip_options[@]}" -r "requirements/locked/$list.txt"
  done
}

# One version of a package, whichever list brings it. A constraint must not name extras.
all_versions() {
  cat requirements/{constraints,run,build,serve,test,training}.txt | sed 's/\[[a-z]*\]//'
}

# What has a wheel is installed from it; hashes of other files do no harm.
lock() {
  local path list source options=(--only-binary :all: -c -)
  for source in "${from_source[@]}"; do options+=(--no-binary "$source"); done
  for path in requirements/*.txt; do
    list=$(basename "$path" .txt)
    case $list in constraints | weights) continue ;; esac
    "$tools/bin/uv" pip compile -q --universal --python-version 3.10 --generate-hashes \
      --no-header --no-annotate "${options[@]}" "$path" \
      -o "requirements/locked/$list.txt" < <(all_versions) >/dev/null
  done
}

case ${1:-} in
  lock) install_tools && lock ;;
  sbom) install_tools && "$tools/bin/cyclonedx-py" environment --output-reproducible \
    --of JSON -o sbom.json .venv/bin/python && echo 'sbom.json is written' ;;
  *) echo 'usage: tools/lock.sh lock|sbom' >&2 && exit 2 ;;
esac
