#!/bin/sh
# Apps that are killed in the middle of a call while a child of theirs lives on, with copies of all
# their descriptors: nobody waits for the child.
set -eu
cd "$(dirname "$0")/../.."
library=$(realpath "${LIBRARY:-build/libcallkey.so.0}")
out=$PWD/build/host
mkdir -p "$out"
${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude tests/host/inherited.c -o "$out/inherited" \
	"$library" -Wl,-rpath,"$(dirname "$library")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
killed=$(timeout 300 "$out/inherited" "$folder" 50)
echo "inherited: $killed apps killed while a child of theirs lives on, the store is free each time"
