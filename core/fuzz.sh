#!/bin/sh
# fuzz.sh TIME: runs every fuzz target of the Go rooms, each for TIME, says how many inputs
# it tried, and ends with the count of targets. Stops at the first finding.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
# shellcheck disable=SC2013 # a word a line
for found in $(grep -rHo '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' core | sed 's/func //' | sort); do
	room=./$(dirname "${found%%:*}")
	target=${found##*:}
	if ! "${GO:-go}" test "$room" -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 1x >"$log" 2>&1; then
		cat "$log"
		echo "$passed passed, 1 failed"
		exit 1
	fi
	echo "$room $target: $(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
	passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
