#!/bin/sh
# Makes what is published, in build/dist/: dist.sh wheel|sdist. GO, CC, GOARCH and PYTHON choose the tools.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
venv=$tree/build/python/dist-venv

if [ ! -x "$venv/bin/pyproject-build" ]; then
	rm -rf "$venv"
	"${PYTHON:-python3}" -m venv "$venv"
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'build>=1.2'
fi
"$venv/bin/python" -m build "--$1" --outdir "$tree/build/dist" "$here"
