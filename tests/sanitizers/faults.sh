#!/bin/sh
# Do the sanitizers find anything? faults.c has one fault a number, of the kinds that they are
# there for; each tool must end with an error for each of its own, and with none for no fault.
set -eu
cd "$(dirname "$0")/../.."
here=tests/sanitizers
out=$PWD/build/faults
mkdir -p "$out"

gcc -g -O0 -fsanitize=address,undefined -fno-sanitize-recover=undefined -Iinclude -o "$out/asan" $here/faults.c \
	"$PWD/build/asan/libcallkey.so.0" -Wl,-rpath,"$PWD/build/asan"

found=0
# expect WORDS COMMAND...: it fails and its output has the words; or with - it succeeds
expect() {
	words=$1
	shift
	result=0
	"$@" >"$out/log" 2>&1 || result=$?
	if [ "$words" = - ]; then
		[ "$result" = 0 ] || { cat "$out/log" >&2; echo "no fault, and $1 reports one" >&2; exit 1; }
		return
	fi
	if [ "$result" = 0 ] || ! grep -q "$words" "$out/log"; then
		cat "$out/log" >&2
		echo "not found: $words" >&2
		exit 1
	fi
	found=$((found + 1))
}

expect - "$out/asan" none
# Go asks for a whole range, and the answer has no name for what is behind it.
expect 'AddressSanitizer: .* on address' "$out/asan" read
expect 'heap-buffer-overflow' "$out/asan" write
expect 'detected memory leaks' "$out/asan" leak
expect 'signed integer overflow' "$out/asan" overflow
if command -v valgrind >/dev/null; then
	gcc -g -O0 -Iinclude -o "$out/memcheck" $here/faults.c "$PWD/build/valgrind/libcallkey.so.0" -Wl,-rpath,"$PWD/build/valgrind"
	memcheck() {
		valgrind --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
			--suppressions=$here/valgrind.supp "$out/memcheck" "$1"
	}
	expect - memcheck none
	expect 'Invalid read' memcheck read
	expect 'Invalid write' memcheck write
	expect 'definitely lost in' memcheck leak
	expect 'uninitialised' memcheck unwritten
fi
echo "$found faults made on purpose found"
