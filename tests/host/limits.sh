#!/bin/sh
# Hosts with limits. Too little address space or no thread at the start: every call is INTERNAL and says
# so, loading ends no process, and all functions work from 1,500 MB on. Too few descriptors and too
# large a file: STORE, no signal, nothing lost. The limits themselves stay as they are. And how many
# threads the library makes, at most.
set -eu
cd "$(dirname "$0")/../.."
library=${LIBRARY:-build/libcallkey.so.0}
out=$PWD/build/host/limits
rm -rf "$out"
mkdir -p "$out"
${CC:-cc} -std=gnu11 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c tests/host/limits.c \
	tests/c/every.c tests/c/pair.c tests/c/folder.c -o "$out/limits" "$library" \
	-Wl,-rpath,"$(cd "$(dirname "$library")" && pwd)" -pthread
mkdir "$out/stores"
run() { timeout 120 "$out/limits" "$1" "$out/stores"; }
# within MEGABYTES KIND
within() { prlimit --as=$(($1 << 20)) timeout 120 "$out/limits" "$2" "$out/stores"; }
for megabytes in 64 256 700 1000 1250 1400; do within $megabytes space; done
within 1500 works
run alone
files=$(prlimit --nofile=256: timeout 120 "$out/limits" files "$out/stores")
run sizes
threads=$(run threads)
echo "limits: works within 1,500 MB of address space, INTERNAL with less or without a thread; $files free; STORE and no signal at RLIMIT_FSIZE; $threads"
