#!/bin/sh
# The C tests and examples under valgrind's memcheck: no invalid access, no use of what nobody
# wrote, no leak, apart from what valgrind.supp explains. Erasing by the runtime is off here:
# memcheck takes it for invalid writes.
set -eu
cd "$(dirname "$0")/../.."
here=tests/sanitizers
built=$PWD/build/valgrind
logs=$built/logs

export CC="${CC:-cc}"
python3 -m tools.build "$built/libcallkey.so.0" valgrind
python3 -m tools.build "$built/provoke/libcallkey.so.0" valgrind,provoke
rm -rf "$logs"
mkdir -p "$logs"

# Memcheck is some 30 times slower.
export LIMIT=1800
export RUNNER="valgrind --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --suppressions=$PWD/$here/valgrind.supp --log-file=$logs/%p.log"
if ! python3 -m tests.c.run "$built/libcallkey.so.0" >"$built/tests.log" 2>&1; then
	grep -hE -A 12 '(Invalid|Conditional|Use of|Syscall|Mismatched|definitely lost in)' "$logs"/*.log | head -n 60 >&2 || true
	cat "$built/tests.log" >&2
	exit 1
fi
processes=$(grep -l 'ERROR SUMMARY: 0 errors' "$logs"/*.log | wc -l)
passed=$(tail -n 1 "$built/tests.log")
echo "valgrind: 0 errors, 0 leaks in $processes processes, ${passed%%,*}"
