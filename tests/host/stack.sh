#!/bin/sh
# All functions run in threads with a stack of 32 KB and in coroutines of 64 KB, each over a guard page. A
# stack that is too small ends the process there: no byte under the guard page changes. (-z now: the dynamic
# linker itself takes more than a page when it looks a function up late.)
set -eu
cd "$(dirname "$0")/../.."
library=${LIBRARY:-build/libcallkey.so.0}
out=$PWD/build/host
mkdir -p "$out"
${CC:-cc} -std=gnu11 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c tests/host/stack.c tests/c/every.c \
	tests/c/pair.c tests/c/folder.c -o "$out/stack" -Wl,-z,now "$library" -Wl,-rpath,"$(cd "$(dirname "$library")" && pwd)" -pthread
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
line=$(timeout 200 "$out/stack" "$folder")
echo "stack: $line"
