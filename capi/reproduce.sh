#!/bin/sh
# Builds the library a second time, from a copy of the sources in another folder and with an
# empty build cache, and compares it with LIBRARY byte for byte: reproduce.sh LIBRARY
set -eu
library=$1
root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'chmod -R u+w "$copy" && rm -rf "$copy"' EXIT

mkdir -p "$copy/somewhere/else"
cp -R "$root/go.mod" "$root/go.sum" "$root/include" "$root/capi" "$root/core" "$copy/somewhere/else/"
GOCACHE=$copy/cache sh "$copy/somewhere/else/capi/build.sh" "$copy/libcallkey.so.0"

first=$(sha256sum <"$library" | cut -d' ' -f1)
second=$(sha256sum <"$copy/libcallkey.so.0" | cut -d' ' -f1)
if [ "$first" != "$second" ]; then
	echo "two builds of the same sources differ: $first and $second" >&2
	exit 1
fi
echo "reproducible: sha256 $first"
