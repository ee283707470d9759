#!/bin/sh
# What Android asks of a library: check.sh LIBRARY
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# A segment that is not laid out for pages of 16 KB does not load on a device that has them.
readelf -lW "$1" | awk '$1 == "LOAD" { n++; if ($NF !~ /^0x(4|8|10)000$/) { print "a segment is aligned to " $NF; bad = 1 } }
	END { exit bad || n == 0 }' >&2 || { echo "$1 is not for pages of 16 KB" >&2; exit 1; }
# Without an id no crash report finds its symbols.
readelf -nW "$1" | grep -q 'Build ID: ' || { echo "$1 has no build id" >&2; exit 1; }
# Android refuses code that is changed while it is loaded.
if readelf -dW "$1" | grep -q TEXTREL; then
	echo "$1 has text relocations" >&2
	exit 1
fi
library=$(readlink -f "$1")
cd "$here/../.."
env -u GOOS -u GOARCH -u CC CGO_ENABLED=0 "${GO:-go}" run ./tools/contract exports "$library"
