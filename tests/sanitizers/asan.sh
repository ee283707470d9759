#!/bin/sh
# The C tests and examples with AddressSanitizer in everything, Go's memory included, its search
# for leaks at the end, UndefinedBehaviorSanitizer in all C code, SQLite's too, and Go's own check
# of the pointers that cross into C (cgocheck2).
set -eu
cd "$(dirname "$0")/../.."
built=$PWD/build/asan

# Debian has gcc's sanitizers with gcc; clang's are packages of their own.
export CC=gcc
python3 -m tools.build "$built/libcallkey.so.0" asan
python3 -m tools.build "$built/provoke/libcallkey.so.0" asan,provoke
export CC="gcc -fsanitize=address,undefined -fno-sanitize-recover=undefined"
if ! python3 -m tests.c.run "$built/libcallkey.so.0" >"$built/tests.log" 2>&1; then
	cat "$built/tests.log" >&2
	exit 1
fi
passed=$(tail -n 1 "$built/tests.log")
echo "asan, ubsan: 0 errors, 0 leaks, ${passed%%,*}"
