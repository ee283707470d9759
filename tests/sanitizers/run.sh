#!/bin/sh
# make sanitizers: one line of what memcheck, AddressSanitizer, UndefinedBehaviorSanitizer and
# Go's own checks of its border to C found. The race detector is in `make test-go`.
#
# At the end the checks are checked: faults made on purpose must be found.
set -eu
cd "$(dirname "$0")/../.."
here=tests/sanitizers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v valgrind >/dev/null; then
	sh $here/valgrind.sh >"$work/valgrind" &
elif [ "${CI:-}" = true ]; then
	echo "needs valgrind, get it with \"apt-get install valgrind\"" >&2
	exit 1
else
	echo 'skipped: needs valgrind, get it with "apt-get install valgrind"' >"$work/valgrind" &
fi
valgrind=$!
sh $here/asan.sh >"$work/asan"
wait $valgrind

GOEXPERIMENT=cgocheck2 ${GO:-go} test -tags sqlite_omit_load_extension ./core/store ./core/offer ./capi >"$work/cgocheck" ||
	{ cat "$work/cgocheck" >&2; exit 1; }
packages=$(grep -c '^ok' "$work/cgocheck")
found=$(sh $here/faults.sh)
echo "sanitizers: $(cat "$work/valgrind"); $(cat "$work/asan"); cgocheck2: $packages packages; $found"
