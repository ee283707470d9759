#!/bin/sh
# Compares the binary interface of a library with the recorded one (abidiff, from
# abigail-tools): check.sh LIBRARY, a library with debug information.
#
# abi/callkey.abi is what programs may rely on; docs/abi.md has the rules. Anything taken away
# or changed is an error as long as the soname is the recorded one. What was added since is
# allowed and counted: `make abi` records it, and from then on it is promised too.
set -eu
library=$1
recorded=$(dirname "$0")/callkey.abi

difference=$(mktemp)
trap 'rm -f "$difference"' EXIT
result=0
abidiff --suppressions "$(dirname "$0")/additions.abignore" --no-added-syms "$recorded" "$library" >"$difference" 2>&1 || result=$?
old=$(sed -n "s/^<abi-corpus .*soname='\([^']*\)'.*/\1/p" "$recorded")
new=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
if [ "$result" != 0 ]; then
	if [ "$old" = "$new" ]; then
		cat "$difference" >&2
		echo "$library breaks programs that run with $old: undo it, or raise CALLKEY_ABI_MAJOR and record the new interface with make abi" >&2
		exit 1
	fi
	echo "$new is not the recorded $old: record it with make abi" >&2
	exit 1
fi

functions=$(grep -c "<elf-symbol .*type='func-type'" "$recorded")
now=$(nm -D --defined-only "$library" | wc -l)
added=
[ "$now" -eq "$functions" ] || added=", $((now - functions)) added since"
echo "abi: $functions functions and their types as recorded for $old$added"
