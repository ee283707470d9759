#!/bin/sh
# Writes abi/callkey.abi, the recorded binary interface, from a library with debug
# information: record.sh LIBRARY. Only the types of callkey.h are in it, and no path or line,
# so that it changes when the interface does.
set -eu
here=$(dirname "$0")
abidw --headers-dir "$here/../include" --drop-private-types --drop-undefined-syms \
	--no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --type-id-style hash \
	--out-file "$here/callkey.abi" "$1"
echo "abi/callkey.abi: $(grep -c "<elf-symbol .*type='func-type'" "$here/callkey.abi") functions"
