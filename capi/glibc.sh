#!/bin/sh
# The oldest glibc that a library runs with: glibc.sh LIBRARY. It is measured, in the versions of
# the symbols that the library asks for, and depends on the system that the library was built on.
# docs/platforms.md names that of Debian 12.
set -eu
floor=$(readelf -VW "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
[ -n "$floor" ] || { echo "$1 asks for no version of glibc" >&2; exit 1; }
docs=$(dirname "$0")/../docs/platforms.md
# shellcheck source=/dev/null # of the system
if [ "$(. /etc/os-release && echo "$ID ${VERSION_ID:-}")" = "debian 12" ] && ! grep -qF "glibc $floor or later" "$docs"; then
	echo "docs/platforms.md does not say: glibc $floor or later" >&2
	exit 1
fi
echo "glibc: $floor or later"
