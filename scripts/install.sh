#!/bin/sh
# Make .venv if there is none and install a requirements file into it.
# Usage: scripts/install.sh requirements.txt     (PYTHON=... picks the interpreter for a new .venv)
set -eu
cd "$(dirname "$0")/.."

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or later is needed. On Debian: apt-get install python3 python3-venv" >&2
    exit 1
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        else
            echo "This Python can't make virtual environments. On Debian: sudo apt-get install python3-venv" >&2
            exit 1
        fi
    fi
    "$python" -m venv .venv
}

new_enough .venv/bin/python || { rm -rf .venv; make_venv; }
# Bytecode is left to the first import: compiling all of what is installed takes longer than fetching it.
echo "Installing what $1 names into .venv ..."
.venv/bin/python -m pip install -qq --no-compile --disable-pip-version-check --requirement "$1"
