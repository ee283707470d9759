#!/bin/sh
# Hosts that trap system calls and make them in a handler of SIGSYS without SA_ONSTACK, in place when the
# library is loaded: its calls answer, on its own threads and on the host's.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host sandbox tests/host/sandbox.c
for way in early late thread; do
	i=0
	while [ $i -lt 17 ]; do
		timeout -s KILL 120 "$out/sandbox" $way >>"$out/printed" || { echo "sandbox $way: exit status $?, run $i"; exit 1; }
		i=$((i + 1))
		runs=$((runs + 1))
	done
done
echo "sandbox: $(sum) system calls were trapped in $runs hosts, and every answer is right"
