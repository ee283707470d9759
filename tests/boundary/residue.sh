#!/bin/sh
# What whole calls leave in the memory of their process once the secrets are wiped and the
# stores closed: residue.sh [TIMES [LIBRARY]]
#
# Nothing may be found after TIMES runs (10) of each host, also with the library as other
# platforms have it. In one without protection something must be found, or the search is blind.
#
# LIBRARY is one for another platform: CC compiles for it and RUNNER starts its programs.
# An emulator's memory is searched whole but for the stacks that it runs on itself; of Wine's
# processes, that of the program.
set -eu
cd "$(dirname "$0")/../.."
times=${1:-10}
library=${2:-build/libcallkey.so.0}
out=$(dirname "$library")/residue
mkdir -p "$out"

env -u GOOS -u GOARCH -u CC go build -o "$out/search" ./tests/boundary/search

# host KIND: compiles the host for the library of that kind, or for LIBRARY itself.
host() {
	name=$(basename "$library")
	linked=$(dirname "$library")
	if [ "$1" != release ]; then
		sh tests/boundary/library.sh "$1" "$library"
		linked=$linked/$1
	fi
	mkdir -p "$out/$1"
	case $name in
	# Windows looks for a library where the program is.
	*.dll)
		cp "$linked/$name" "$out/$1/"
		set -- "$1" "$linked/libcallkey.dll.a" -static
		;;
	# -z now: a lazy binding saves vector registers on the stack, and in them what the host
	# itself copied last.
	*) set -- "$1" "$linked/$name" -Wl,-rpath,"$(cd "$linked" && pwd)" -Wl,-z,now ;;
	esac
	kind=$1
	shift
	${CC:-cc} -std=c99 -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror -O2 -Iinclude \
		tests/boundary/residue.c tests/boundary/refusals.c tests/boundary/tell.c tests/boundary/apart.c \
		-o "$out/$kind/residue.exe" "$@" -pthread
}

# search FLAGS... NAME HOST ARGUMENT...: prints what was found in how many dumps.
search() {
	# A relative folder, so that Wine finds it too.
	TMPDIR=$out "$out/search" "$@" >"$out/found" || { cat "$out/found" >&2; return 1; }
	tail -n 1 "$out/found"
}

mapped=
emulator=
case ${RUNNER:-} in
qemu-*) emulator=-emulator ;;
esac
case $library in
*.dll) mapped=residue.exe ;;
esac

# calls KIND TIMES [FLAGS]: in one thread, in four at once, and each in a thread of its own.
calls() {
	host "$1"
	ways="one 4 apart"
	[ -z "$mapped" ] || ways="one 4"
	for way in $ways; do
		case $way in
		one) name="a C host" argument= ;;
		apart) name="one with a thread for each call" argument=$way ;;
		*) name="one with $way threads" argument=$way ;;
		esac
		# shellcheck disable=SC2086 # RUNNER has arguments; flags and argument may be none
		line=$(search $emulator -mapped "$mapped" -times "$2" ${3:-} "$name" ${RUNNER:-} "$out/$1/residue.exe" FOLDER $argument)
		printf '%s%s' "${before:-}" "$line"
		before=", "
	done
}

found=$(calls release "$times")
if [ $# -lt 2 ]; then
	found="$found, $(search -times "$times" "a Python host with 2 threads" "${PYTHON:-python3}" \
		tests/boundary/residue.py "$library" FOLDER)"
	found="$found; as on other platforms in $(calls portable "$times")"
fi
echo "residue: secrets are in $found; without protection in $(calls unprotected 2 -found)"
