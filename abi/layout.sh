#!/bin/sh
# Holds the header to abi/layout.json in C, on 64-bit and on 32-bit machines, and in Go. The
# Python and Swift packages have a test of their own that reads the same table.
set -eu
cd "$(dirname "$0")/.."

made=$(mktemp)
unit=$(mktemp --suffix=.c)
trap 'rm -f "$made" "$unit"' EXIT
sh abi/asserts.sh >"$made"
if ! cmp -s "$made" tests/c/layout.h; then
	echo "tests/c/layout.h is not abi/layout.json: make abi" >&2
	exit 1
fi
rows=$(grep -c '^{"struct"' abi/layout.json)
asserts=$(grep -cE '^(SIZE|MEMBER)\(' tests/c/layout.h)
if [ "$rows" != "$asserts" ]; then
	echo "abi/layout.json has $rows rows, tests/c/layout.h $asserts assertions" >&2
	exit 1
fi

printf '#include "layout.h"\nint main(void) { return 0; }\n' >"$unit"
compiled=
for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	# No C library is needed to lay out a struct, so a compiler is enough for the other size.
	for bits in 64 32; do
		printf 'int main(void) { return 0; }\n' | $compiler -m$bits -x c -fsyntax-only - 2>/dev/null || continue
		$compiler -std=c89 -pedantic -Wall -Wextra -Werror -Wno-long-long -m$bits -ffreestanding \
			-Iinclude -Itests/c -fsyntax-only "$unit"
		compiled="$compiled, $compiler $bits bit"
	done
done
[ -n "$compiled" ] || { echo "no compiler for abi/layout.json" >&2; exit 1; }
${GO:-go} test ./abi >"$made" || { cat "$made" >&2; exit 1; }
echo "layout: $rows sizes and offsets of abi/layout.json hold in Go$compiled"
