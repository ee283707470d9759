#!/bin/sh
# fuzz.sh TIME [TARGET]: runs every fuzz target of the Go rooms, or one, each for TIME on a
# core of its own, as many at once as there are cores. Says of each how many inputs it tried,
# and ends with the count of targets. A finding does not keep the others from running.
set -eu
cd "$(dirname "$0")/.."
time=$1
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
trap 'trap - INT TERM; rm -rf "$results"; kill 0' INT TERM # or the fuzzers would go on

# ended_by_the_clock LOG: a Go fuzzer that is mid-input when its time is over can call that a
# failure. A finding leaves the input that it is about.
ended_by_the_clock() {
	grep -q 'context deadline exceeded' "$1" && ! grep -q 'Failing input written to\|panic: \|hung or terminated' "$1"
}

# fuzz ROOM TARGET
fuzz() {
	result=$results/$(echo "$1 $2" | tr '/ ' '__')
	if "${GO:-go}" test "$1" -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 1x -parallel 1 >"$result" 2>&1 ||
		ended_by_the_clock "$result"; then
		echo "$1 $2: $(grep -o 'execs: [0-9]*' "$result" | tail -n 1)"
		mv "$result" "$result.passed"
		return
	fi
	cat "$result"
	input=$(sed -n 's|.*Failing input written to \(testdata/fuzz/[^ ]*\).*|\1|p' "$result")
	if [ -n "$input" ]; then
		printf '%s %s: finding. The input, in Go syntax, to be kept in the repository once it is fixed:\n' "$1" "$2"
		cat "$1/$input"
		printf 'To run it again: go test %s -run %s/%s\n' "$1" "$2" "$(basename "$input")"
	else
		echo "$1 $2: failed before it fuzzed"
	fi
	mv "$result" "$result.failed"
}

cores=$(getconf _NPROCESSORS_ONLN)
running=0
# shellcheck disable=SC2013 # a word a line
for found in $(grep -rHo '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' core | sed 's/func //' | sort); do
	target=${found##*:}
	[ -z "${2:-}" ] || [ "$target" = "$2" ] || continue
	fuzz "./$(dirname "${found%%:*}")" "$target" &
	running=$((running + 1))
	if [ "$running" -eq "$cores" ]; then
		wait
		running=0
	fi
done
wait
count() { find "$results" -name "*.$1" | wc -l | tr -d ' '; }
passed=$(count passed)
failed=$(count failed)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
