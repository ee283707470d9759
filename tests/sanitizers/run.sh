#!/bin/sh
# make sanitizers: one line of what memcheck, AddressSanitizer, UndefinedBehaviorSanitizer and
# Go's own checks of its border to C found. The race detector is in `make test-go`.
#
# At the end the checks are checked: a test that reads behind its buffer, one that leaks and one
# that overflows a number must be found.
set -eu
cd "$(dirname "$0")/../.."
here=tests/sanitizers

line=
if command -v valgrind >/dev/null; then
	line="$(sh $here/valgrind.sh); "
elif [ "${CI:-}" = true ]; then
	echo "needs valgrind, get it with \"apt-get install valgrind\"" >&2
	exit 1
else
	line='skipped: needs valgrind, get it with "apt-get install valgrind"; '
fi
asan=$(sh $here/asan.sh)
GOEXPERIMENT=cgocheck2 ${GO:-go} test -tags sqlite_omit_load_extension ./core/store ./core/offer ./capi >build/cgocheck.log ||
	{ cat build/cgocheck.log >&2; exit 1; }
packages=$(grep -c '^ok' build/cgocheck.log)
found=$(sh $here/faults.sh)
echo "sanitizers: $line$asan; cgocheck2: $packages packages; $found"
