#!/bin/sh
# Tests the Python package against the library in build/: mypy --strict, then pytest, whose own line comes last.
# Arguments go to pytest. PYTHON chooses the interpreter.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
venv=$tree/build/python/venv

if [ ! -f "$tree/build/libcallkey.so.0" ] && [ ! -f "$tree/build/libcallkey.dylib" ]; then
	echo "There is no library in $tree/build; run 'make lib' first." >&2
	exit 1
fi

# A venv belongs to one interpreter, one place and one pyproject.toml: made for another, it is made anew.
made_for=$("$python" -c 'import sys; print(sys.version, sys.executable)')" $here $(cksum <"$here/pyproject.toml")"
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/made-for" 2>/dev/null)" != "$made_for" ]; then
	rm -rf "$venv"
	if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
		echo "$python has no venv module; install it (on Debian and Ubuntu the package python3-venv)." >&2
		exit 1
	fi
	mkdir -p "$(dirname "$venv")"
	"$python" -m venv "$venv"
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "${here}[test]"
	printf '%s\n' "$made_for" >"$venv/made-for"
fi

cd "$here"
"$venv/bin/python" -m mypy --cache-dir "$tree/build/python/mypy"
exec "$venv/bin/python" -m pytest -o cache_dir="$tree/build/python/pytest" "$@"
