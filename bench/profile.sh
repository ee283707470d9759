#!/bin/sh
# Profiles the fan-out of a call key to 100 devices over reused sessions, on one
# processor, in the memory store and in SQLite: profile.sh [NODES]
#
# For each store NODES (20) lines of where the processor was, and as many of which functions
# it was there for. A profile sees no waiting: what "Total samples" is below the duration
# went to the disk, or to other programs.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}
nodes=${1:-20}
mkdir -p build
work=$(cd "$(mktemp -d build/profile.XXXXXX)" && pwd)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir "$work/stores"
export TMPDIR="$work/stores"

sh bench/compile.sh runtime ./core/offer "$work/offer"

# top STORE ORDER NODES: only what offer.Seal does; the rest of the program makes the
# sessions first.
top() {
	$GO tool pprof -top "-$2" -nodecount "$3" -focus 'offer\.Seal$' "$work/offer" "$work/$1" 2>/dev/null
}

for store in memory SQLite; do
	GOMAXPROCS=1 "$work/offer" -test.run '^$' -test.bench "SealReused/$store/100\$" -test.benchtime 3s \
		-test.cpuprofile "$work/$store" >"$work/output"
	echo "$store store, by function"
	top $store flat "$nodes" | grep 'Total samples\|%'
	echo
	echo "$store store, by function with what it calls: the library's own, and the runtime's share"
	top $store cum 1000 |
		grep 'flat%\|libcallkey/core/\|runtime.mallocgc$\|runtime.cgocall$\|runtime/secret.Do$' |
		grep -v 'offer_test\|func[0-9]' | head -n $((nodes + 1))
	echo
done
