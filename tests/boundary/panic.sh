#!/bin/sh
# A bug inside the library (a build for tests, in which one function panics): INTERNAL
# once and from then on in every thread, with the host alive. In C and in Python.
set -eu
cd "$(dirname "$0")/../.."
out=$PWD/build/boundary
mkdir -p "$out"
sh tests/boundary/library.sh provoke
${CC:-cc} -std=c11 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c tests/boundary/panic.c \
	tests/c/every.c tests/c/pair.c tests/c/folder.c -o "$out/panic" build/provoke/libcallkey.so.0 -Wl,-rpath,"$PWD/build/provoke" -pthread
c=$("$out/panic")
python=$("${PYTHON:-python3}" tests/boundary/panic.py build/provoke/libcallkey.so.0 2>"$out/panic.log") || { cat "$out/panic.log" >&2; exit 1; }
[ ! -s "$out/panic.log" ] || { cat "$out/panic.log" >&2; exit 1; } # nor a word at the interpreter's end
echo "panic: $c; $python"
