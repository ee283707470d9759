#!/bin/sh
# Children of fork, _Fork, clone, clone3, forkpty and daemon get FORKED at once, while other threads of
# the parent call, before the first call and in children of children; vfork with exec, posix_spawn,
# system and popen start programs in which the library works; the parent goes on.
set -eu
cd "$(dirname "$0")/../.."
library=${LIBRARY:-build/libcallkey.so.0}
out=$PWD/build/host
mkdir -p "$out"
${CC:-cc} -std=gnu11 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c tests/host/children.c \
	tests/c/test.c tests/c/every.c tests/c/pair.c tests/c/folder.c -o "$out/children" \
	"$library" -Wl,-rpath,"$(cd "$(dirname "$library")" && pwd)" -pthread -lutil
result=$(timeout 300 "$out/children") || { echo "$result" >&2; exit 1; }
functions=$(grep -o 'ROW([a-z0-9_]*,' tests/c/every.c | grep -vc '(name,')
echo "children: $result; all $functions functions are FORKED in a child of every birth, and the parent goes on"
