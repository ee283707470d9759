#!/bin/sh
# Every pointer of every function, in memory of exactly the size that the header names,
# between pages that must not be touched.
set -eu
cd "$(dirname "$0")/../.."
out=$PWD/build/boundary
mkdir -p "$out"
${CC:-cc} -std=c99 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c tests/boundary/pages.c \
	tests/c/pair.c -o "$out/pages" build/libcallkey.so.0 -Wl,-rpath,"$PWD/build" -pthread

# The list in it must be the header's functions with a pointer.
tr '\n' ' ' <include/callkey.h | grep -o 'CALLKEY_API [^;#"]*;' | grep -E '^[^(]*\([^)]*[*[]' |
	grep -o '\bcallkey_[a-z0-9_]*(' | sed 's/callkey_//; s/(//' | LC_ALL=C sort >"$out/pages.declared"
grep -o 'ROW([a-z0-9_]*)' tests/boundary/pages.c | sed 's/ROW(//; s/)//' | grep -vE '^(name|cut_.*|endless_text)$' |
	LC_ALL=C sort >"$out/pages.tried"
diff "$out/pages.declared" "$out/pages.tried" >&2 || { echo "pages.c does not try the functions of callkey.h" >&2; exit 1; }

# Of what it says when it fails: the function that it was at, and what came of it.
line=$("$out/pages" 2>"$out/pages.log") || {
	awk '/^[a-z0-9_]+ (before|behind)$/ { at = $0; n = 0; next } n++ < 12 { said[n] = $0 }
		END { print "pages: " at; for (i = 1; i <= n && i <= 12; i++) print said[i] }' "$out/pages.log" >&2
	exit 1
}
echo "pages: nothing read or written outside $line, before and behind inaccessible pages"
