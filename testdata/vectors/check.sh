#!/bin/sh
# Computes the known answers once more with independent.py, which shares no code with the
# library, in a virtual environment of its own.
set -eu
cd "$(dirname "$0")"
venv=../../build/vectors-venv
if ! "$venv/bin/python" -c 'import cryptography' 2>/dev/null; then
	if ! "${PYTHON:-python3}" -m venv "$venv" || ! "$venv/bin/pip" install -q cryptography; then
		echo 'skipped: needs the Python package cryptography, get it with "pip install cryptography"' >&2
		[ "${CI:-}" != true ] || exit 1
		exit 0
	fi
fi
"$venv/bin/python" independent.py --check
