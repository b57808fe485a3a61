#!/bin/sh
# Public Python clients and hostile input against the real binary.
# Usage: tests/clients/run.sh [unittest arguments], for example
#   tests/clients/run.sh test_durability
# PARLOR_BIN names the binary (default target/debug/parlor), PYTHON the
# interpreter (3.11 or newer, with its venv module).
set -eu
cd "$(dirname "$0")/../.."
venv=target/clients-venv
wanted=tests/clients/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
    "${PYTHON:-python3}" -m venv --clear "$venv" || {
        echo "tests/clients: python3 >= 3.11 with venv is needed: apt-get install python3-venv" >&2
        exit 1
    }
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted"
    cp "$wanted" "$venv/installed.txt"
fi
cd tests/clients
exec "../../$venv/bin/python" -B -m unittest --verbose "$@"
