#!/bin/sh
# What whole calls leave in the memory of their process once the secrets are wiped and the
# stores closed: residue.sh [TIMES]. Nothing may be found after TIMES runs (20) of each
# host; in a library without protection something must be, or the search is blind.
set -eu
cd "$(dirname "$0")/../.."
times=${1:-20}
out=$PWD/build/boundary
mkdir -p "$out"

go build -o "$out/search" ./tests/boundary/search
sh tests/boundary/library.sh unprotected
for kind in release unprotected; do
	folder=$PWD/build
	[ $kind = release ] || folder=$folder/$kind
	# -z now: a lazy binding saves vector registers on the stack, and in them what the
	# host itself copied last.
	${CC:-cc} -std=c99 -Wall -Wextra -Werror -O2 -Iinclude tests/boundary/residue.c \
		-o "$out/residue-$kind" "$folder/libcallkey.so.0" -Wl,-rpath,"$folder" -Wl,-z,now -pthread
done

c=$("$out/search" -times "$times" "a C host" "$out/residue-release" FOLDER) || { echo "$c" >&2; exit 1; }
threads=$("$out/search" -times "$times" "one with 4 threads" "$out/residue-release" FOLDER 4) || { echo "$threads" >&2; exit 1; }
python=$("$out/search" -times "$times" "a Python host with 2 threads" "${PYTHON:-python3}" tests/boundary/residue.py build/libcallkey.so.0 FOLDER) || { echo "$python" >&2; exit 1; }
blind=$("$out/search" -times 2 -found "a C host without protection" "$out/residue-unprotected" FOLDER) || { echo "$blind" >&2; exit 1; }
echo "residue: secrets are in $c, $threads, $python; $(echo "$blind" | tail -n 1)"
