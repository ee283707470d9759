#!/bin/sh
# Builds the library a second time, from a copy of the sources in another folder, and compares it
# with LIBRARY byte for byte: reproduce.sh LIBRARY [CACHE]
#
# The build cache is empty; or CACHE, which leaves only the folder to make a difference, and
# saves half a minute.
set -eu
library=$1
root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'chmod -R u+w "$copy" && rm -rf "$copy"' EXIT

mkdir -p "$copy/somewhere/else"
cp -R "$root/go.mod" "$root/go.sum" "$root/include" "$root/capi" "$root/core" "$root/tools" "$copy/somewhere/else/"
second=$copy/built/$(basename "$library")
(cd "$copy/somewhere/else" && GOCACHE=${2:-$copy/cache} python3 -m tools.build "$second")

first=$(sha256sum <"$library" | cut -d' ' -f1)
second=$(sha256sum <"$second" | cut -d' ' -f1)
if [ "$first" != "$second" ]; then
	echo "two builds of the same sources differ: $first and $second" >&2
	exit 1
fi
echo "reproducible: sha256 $first"
