#!/bin/sh
# Measures the library and prints one table: run.sh [--markdown]
#
# --markdown  the page docs/benchmarks.md, with what bounds each figure
#
# Every program runs once per round and the rounds alternate between them, so that a busy
# minute of the machine falls on all alike; the table has the medians. A missed target
# never fails the run. It can be told ROUNDS (5), BENCHTIME (50ms) per Go benchmark,
# LIBRARY and DEBUG_LIBRARY (what `make lib` makes), GO, CC, PYTHON.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}
CC=${CC:-cc}
PYTHON=${PYTHON:-python3}
ROUNDS=${ROUNDS:-5}
BENCHTIME=${BENCHTIME:-50ms}
LIBRARY=${LIBRARY:-build/libcallkey.so.0}
DEBUG_LIBRARY=${DEBUG_LIBRARY:-build/debug/libcallkey.so.0}
case ${1-} in
'' | --markdown) ;;
*)
	echo "usage: $0 [--markdown]" >&2
	exit 2
	;;
esac
for library in "$LIBRARY" "$DEBUG_LIBRARY"; do
	if [ ! -f "$library" ]; then
		echo "$0: $library is not there: make lib" >&2
		exit 1
	fi
done

say() { echo "bench: $*" >&2; }

# Everything that is made, the SQLite stores too, goes into one folder under build/: /tmp
# is memory on many systems, and a commit to memory measures nothing.
mkdir -p build
work=$(cd "$(mktemp -d build/bench.XXXXXX)" && pwd)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir "$work/results" "$work/stores"
export TMPDIR="$work/stores"

say "building"
cp "$LIBRARY" "$work/libcallkey.so.0"
$CC -std=gnu11 -O2 -Wall -Wextra -Iinclude -o "$work/callkey_bench" bench/callkey_bench.c -ldl
for mode in portable runtime; do
	for room in derive sframe curve offer signal; do
		sh bench/compile.sh $mode "./core/$room" "$work/$room.$mode"
	done
done
sh bench/compile.sh portable ./bench/libsignal "$work/libsignal"

{
	echo "Date: $(date -u '+%Y-%m-%d %H:%M UTC')"
	echo "Library: libcallkey $(sed -n 's/^VERSION=//p' tools/version.env)"
	echo "Processor: $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) for this run"
	echo "Memory: $(awk '/^MemTotal/ { printf "%.1f GB", $2 / 1e6 }' /proc/meminfo)"
	echo "Kernel: $(uname -s) $(uname -r | sed 's/-.*//') $(uname -m)"
	echo "Disk: $(df -PT "$work" | awk 'NR == 2 { print $2 }') under build/"
	echo "Go: $($GO env GOVERSION)"
	echo "C compiler: $($CC --version | head -n 1)"
	echo "Rounds: $ROUNDS, each of at least $BENCHTIME per Go benchmark and 40 ms per C one"
	echo "Load average before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
} >"$work/results/machine"
printf 'BenchmarkLibrarySize\t1\t%s stripped-B\t%s debug-B\n' \
	"$(stat -c %s "$work/libcallkey.so.0")" "$(stat -Lc %s "$DEBUG_LIBRARY")" >"$work/results/c"

# go_bench SOURCE PROGRAM PATTERN PROCESSORS: one round into the results of that source.
# GOMAXPROCS, not -test.cpu: a b.Loop benchmark runs before that takes effect.
go_bench() {
	for processors in $4; do
		GOMAXPROCS=$processors "$2" -test.run '^$' -test.bench "$3" -test.benchtime "$BENCHTIME" >>"$work/results/$1"
	done
}

# c_bench PART [PROCESSORS]: one round in a fresh process.
c_bench() {
	GOMAXPROCS=${2-1} "$work/callkey_bench" "$work/libcallkey.so.0" "$work/stores" "$1" >>"$work/results/c"
	rm -f "$work/stores"/c-*
}

round=0
while [ "$round" -lt "$ROUNDS" ]; do
	round=$((round + 1))
	say "round $round of $ROUNDS"
	for mode in portable runtime; do
		go_bench "$mode" "$work/derive.$mode" 'Keys$|Key$|Batch$/^participants=32$|SelectParticipant$/^candidates=100$|SSRCs$|KeysRaw$|ID$' 1
		go_bench "$mode" "$work/sframe.$mode" . 1
		go_bench "$mode" "$work/curve.$mode" . 1
		go_bench "$mode" "$work/offer.$mode" . 1
		go_bench "$mode" "$work/signal.$mode" . 1
	done
	go_bench libsignal "$work/libsignal" . 1
	go_bench cores "$work/offer.runtime" 'SealReused/.*/100$|BeginAndSeal$' '1 2'
	go_bench cores "$work/derive.runtime" Parallel '1 2'
	c_bench ''
	c_bench E2EKeysBatch1024 2
	for _ in 1 2 3 4; do
		c_bench Load
		c_bench WholeCall
	done
done
{
	echo "Load average after: $(cut -d ' ' -f 1-3 /proc/loadavg), of which this run is about 1"
	awk '$1 > 1.5 { print "Note: other programs were running, so the figures are too high" }' /proc/loadavg
} >>"$work/results/machine"

if [ "${1-}" = --markdown ]; then
	say "profiling"
	sh bench/profile.sh >"$work/results/profile"
fi
"$PYTHON" bench/table.py "$work/results" "$@"
