#!/bin/sh
# Children of fork(), made while other threads are inside the library: every call is
# refused at once, and the parent goes on. In C and in Python.
set -eu
cd "$(dirname "$0")/../.."
out=$PWD/build/boundary
mkdir -p "$out"
${CC:-cc} -std=c11 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c tests/boundary/fork.c \
	tests/c/every.c tests/c/pair.c tests/c/folder.c -o "$out/fork" build/libcallkey.so.0 -Wl,-rpath,"$PWD/build" -pthread
c=$(timeout 120 "$out/fork" 50)
python=$(timeout 120 "${PYTHON:-python3}" tests/boundary/fork.py build/libcallkey.so.0)
echo "fork: $c; $python"
