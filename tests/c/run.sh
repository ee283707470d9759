#!/bin/sh
# Builds the tests of the C contract, the example programs and the README's C session
# against a built library, runs each, and ends with one line: N passed, N failed.
#
# run.sh [LIBRARY [TEST...]]    default build/libcallkey.so.0 and all tests. A callkey.dll or
#                               libcallkey.a will do
#
# CC chooses the compiler; RUNNER is what starts a program of another platform, with its
# arguments; LIMIT is how many seconds a program may take, 300 without it. What a program
# prints stays beside it, in tests-c beside the library.
set -eu
cd "$(dirname "$0")/../.."
here=tests/c
library=${1:-build/libcallkey.so.0}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- sizes initialisers answers nulls lengths ends wiped room texts options info growing \
	handles delivery damage accounts prekeys sessions epochs concurrency children bug
built=$(dirname "$library")
file=$(basename "$library")
mkdir -p "$built/tests-c"
built=$(cd "$built" && pwd)
library=$built/$file
provoked=$built/provoke/$file
out=$built/tests-c
export RUNNER="${RUNNER:-}"

[ -e "$library" ] || python3 -m tools.build "$library"
# The library with a bug built in is as new as its sources.
if [ ! -e "$provoked" ] || [ -n "$(find capi core include go.mod go.sum -type f -newer "$provoked" | head -n 1)" ]; then
	python3 -m tools.build "$provoked" provoke
fi

passed=0
failed=0
fail() {
	echo "FAIL $*"
	failed=$((failed + 1))
}

# compile NAME LIBRARY SOURCES AND FLAGS
compile() {
	name=$1
	lib=$2
	shift 2
	case $lib in
	# Windows looks for a library where the program is.
	*.dll)
		program=$out/$name/$name.exe
		mkdir -p "$out/$name"
		cp "$lib" "$out/$name/"
		set -- "$@" "$(dirname "$lib")/libcallkey.dll.a" -static
		;;
	*.a)
		program=$out/$name
		set -- "$@" "$lib"
		;;
	*)
		program=$out/$name
		set -- "$@" "$lib" -Wl,-rpath,"$(dirname "$lib")"
		;;
	esac
	# shellcheck disable=SC2086 # CC may hold flags
	${CC:-cc} -std=c99 -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror -g -Iinclude -o "$program" "$@" -pthread ||
		{ fail "$name does not compile"; return 1; }
}

# A test program says itself how many tests passed; one that says nothing has failed.
run_tests() {
	name=$1
	shift
	result=0
	# Nothing here takes minutes; a deadlock must not stop the line.
	# shellcheck disable=SC2086 # RUNNER has arguments
	timeout "${LIMIT:-300}" $RUNNER "$program" "$@" >"$out/$name.log" 2>&1 || result=$?
	line=$(tail -n 1 "$out/$name.log")
	case $line in
	[0-9]*" passed, "[0-9]*" failed")
		sed '$d' "$out/$name.log"
		echo "$name: $line"
		passed=$((passed + ${line%% *}))
		line=${line#*, }
		failed=$((failed + ${line%% *}))
		if [ "$result" -ne 0 ] && [ "${line%% *}" -eq 0 ]; then fail "$name: exit status $result"; fi
		;;
	*)
		cat "$out/$name.log"
		[ ! -s "$program.out" ] || tail -n 60 "$program.out"
		fail "$name: no result, exit status $result"
		;;
	esac
}

# An example passes when it exits with 0; what it prints is for people.
run_example() {
	# shellcheck disable=SC2086 # RUNNER has arguments
	if timeout "${LIMIT:-300}" $RUNNER "$program" >"$out/$1.log" 2>&1; then
		passed=$((passed + 1))
		echo "$1: runs"
	else
		cat "$out/$1.log"
		fail "$1: exit status not 0"
	fi
}

folder=$here/folder.c
case $file in
*.dll) folder=$here/folder_windows.c ;;
esac
for test; do
	lib=$library
	case $test/$file in
	children/*.dll)
		echo "children: not for Windows, which has no fork"
		continue
		;;
	bug/*) lib=$provoked ;;
	esac
	support="$here/test.c $here/pair.c $folder"
	case $test in
	answers) support="$here/test.c $here/functions.c $here/value.c $here/reader.c" ;;
	handles | children | bug) support="$support $here/every.c" ;;
	esac
	# shellcheck disable=SC2086 # a list of files
	compile "$test" "$lib" -DCALLKEY_NO_NONNULL $here/$test.c $support || continue
	run_tests "$test" testdata/vectors
done
# The examples and the README as a reader compiles them, nonnull warnings included.
for example in examples/c/*.c; do
	name=$(basename "$example" .c)
	compile "$name" "$library" -pedantic "$example" && run_example "$name"
done

# The README's session is the body of a main.
{
	printf '#include <stdio.h>\n#include "callkey.h"\nint main(void)\n{\n'
	awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md
	printf 'return 0;\n}\n'
} >"$out/readme.c"
if [ "$(wc -l <"$out/readme.c")" -lt 20 ]; then
	fail "README.md: its C session was not found"
elif compile readme "$library" -pedantic "$out/readme.c"; then
	run_example readme
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
