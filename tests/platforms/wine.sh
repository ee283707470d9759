#!/bin/sh
# wine.sh PROGRAM [ARGUMENT...]: runs a Windows program of this project. Its current folder is the
# project's.
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
program=${1#"$project/"}
shift
cd "$project"
exec python3 -m tests.debian trixie run env WINEDEBUG=-all WINEPREFIX=/root/wine XDG_RUNTIME_DIR=/tmp wine "$program" "$@"
