#!/bin/sh
# fuzz.sh TIME [TARGET]: runs every fuzz target of the Go rooms, or one, each for TIME, says
# how many inputs it tried, and ends with the count of targets. A finding does not keep the
# targets after it from running.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

# ended_by_the_clock: a Go fuzzer that is mid-input when its time is over can call that a
# failure. A finding leaves the input that it is about.
ended_by_the_clock() {
	grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written to\|panic: \|hung or terminated' "$log"
}

# shellcheck disable=SC2013 # a word a line
for found in $(grep -rHo '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' core | sed 's/func //' | sort); do
	room=./$(dirname "${found%%:*}")
	target=${found##*:}
	[ -z "${2:-}" ] || [ "$target" = "$2" ] || continue
	if "${GO:-go}" test "$room" -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 1x >"$log" 2>&1 || ended_by_the_clock; then
		echo "$room $target: $(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
		passed=$((passed + 1))
		continue
	fi
	failed=$((failed + 1))
	cat "$log"
	input=$(sed -n 's|.*Failing input written to \(testdata/fuzz/[^ ]*\).*|\1|p' "$log")
	if [ -n "$input" ]; then
		printf '%s %s: finding. The input, in Go syntax, to be kept in the repository once it is fixed:\n' "$room" "$target"
		cat "$room/$input"
		printf 'To run it again: go test %s -run %s/%s\n' "$room" "$target" "$(basename "$input")"
	else
		echo "$room $target: failed before it fuzzed"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
