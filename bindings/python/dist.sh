#!/bin/sh
# Makes what is published, in build/dist/: dist.sh wheel|sdist. GO, CC, GOARCH and PYTHON choose the tools.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
venv=$tree/build/python/dist-venv

made_for=$("$python" -c 'import sys; print(sys.version, sys.executable)')
if [ "$(cat "$venv/made-for" 2>/dev/null)" != "$made_for" ]; then
	rm -rf "$venv"
	"$python" -m venv "$venv"
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'build>=1.2'
	printf '%s\n' "$made_for" >"$venv/made-for"
fi
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$here/src/callkey/__init__.py")
mkdir -p "$tree/build/dist"
find "$tree/build/dist" -name 'callkey-*' ! -name "callkey-${version}[-.]*" -delete
"$venv/bin/python" -m build "--$1" --outdir "$tree/build/dist" "$here"
