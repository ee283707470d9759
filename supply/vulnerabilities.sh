#!/bin/sh
# Looks for known vulnerabilities in what the library calls, in modules and in Go itself.
#
# The database comes as a Go module, golang.org/x/vulndb: that is what govulncheck asks for by
# itself, and it is there wherever the modules themselves are. It is the newest one on purpose: a
# new vulnerability is to be found in old code.
set -eu
cd "$(dirname "$0")/.."

database=$(GOFLAGS='' ${GO:-go} mod download -json golang.org/x/vulndb@latest)
folder=$(echo "$database" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')/data/osv
date=$(echo "$database" | sed -n 's/.*"Version": ".*-\([0-9]\{4\}\)\([0-9]\{2\}\)\([0-9]\{2\}\)[0-9]\{6\}-.*/\1-\2-\3/p')
entries=$(find "$folder" -name 'GO-*.json' | wc -l)
[ "$entries" -ge 4000 ] || { echo "the vulnerability database in $folder has $entries entries" >&2; exit 1; }

found=$(mktemp)
trap 'rm -f "$found"' EXIT
if ! govulncheck -tags sqlite_omit_load_extension -db "file://$folder" ./core/... ./capi >"$found" 2>&1; then
	cat "$found" >&2
	exit 1
fi
grep -qx 'No vulnerabilities found.' "$found" || { cat "$found" >&2; exit 1; }
echo "vulnerabilities: none is called, says govulncheck with the $entries entries of $date"
