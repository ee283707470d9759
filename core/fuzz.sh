#!/bin/sh
# fuzz.sh TIME: runs every fuzz target of the Go rooms, each for TIME, and says how many
# inputs it tried.
set -eu
cd "$(dirname "$0")/.."
grep -rHo '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' core | sort | while IFS=: read -r file name; do
	target=${name#func }
	echo "$target"
	"${GO:-go}" test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 1x | tail -n 3
done
