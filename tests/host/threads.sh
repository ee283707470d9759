#!/bin/sh
# The library's own threads block every signal that is not a fault of their own, from birth to end:
# seen in /proc while calls, offers to 300 devices, file stores and garbage collections run.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host threads tests/host/threads.c
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
seen=0
for way in linked early late thread blocked; do
	program=$out/threads
	[ $way != linked ] || program=$out/threads-linked
	n=$(timeout 300 "$program" $way "$folder")
	seen=$((seen + n))
done
echo "threads: $seen threads of the library's in 5 processes, each blocks every signal but its own faults in every sample"
