#!/bin/sh
# Handles that are stale, guessed, closed twice or closed under other threads' calls, and
# what is left of 100,000 stores that were opened and closed.
set -eu
cd "$(dirname "$0")/../.."
out=$PWD/build/boundary
mkdir -p "$out"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${CC:-cc} -std=c11 -O1 -Wall -Wextra -Werror -Iinclude tests/boundary/handles.c -o "$out/handles" \
	build/libcallkey.so.0 -Wl,-rpath,"$PWD/build" -pthread
line=$(timeout 600 "$out/handles" "$folder") || { echo "$line" >&2; exit 1; }
echo "handles: $line"
