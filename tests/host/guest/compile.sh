# shellcheck shell=sh
# Sourced by the scripts of the hosts, in the project's root; $out is the folder of the one that
# does. guest makes the shared object with the calls that hosts make (work.c), linked to LIBRARY;
# host NAME SOURCES AND FLAGS makes two programs: $out/NAME loads it, $out/NAME-linked has it from
# the start. repeat PROGRAM ARGUMENT...: 50 such hosts, ten (or EACH) for each way in which they get the library
# (see guest.h), with the way as their first argument; runs counts them.
library=${LIBRARY:-build/libcallkey.so.0}
library=$(cd "$(dirname "$library")" && pwd)/$(basename "$library")
out=$PWD/build/host/$(basename "$0" .sh)
mkdir -p "$out"

compile() {
	${CC:-cc} -std=c11 -g -O1 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c -Itests/host/guest "$@"
}

guest() {
	compile -fPIC -shared tests/host/guest/work.c tests/c/pair.c -o "$out/work.so" \
		"$library" -Wl,-rpath,"$(dirname "$library")"
}

host() {
	name=$1
	shift
	set -- "$@" tests/host/guest/guest.c -pthread
	compile "$@" -o "$out/$name" -Wl,-rpath,"$out"
	compile "$@" -o "$out/$name-linked" -Wl,--no-as-needed "$out/work.so" -Wl,-rpath,"$out"
}

runs=0
: >"$out/printed"
repeat() {
	program=$1
	shift
	for way in linked early late thread blocked; do
		started=$out/$program
		[ $way != linked ] || started=$started-linked
		i=0
		while [ $i -lt "${EACH:-10}" ]; do
			timeout -s KILL 120 "$started" $way "$@" >>"$out/printed" || {
				echo "$program $way $*: exit status $?, run $i"
				exit 1
			}
			runs=$((runs + 1))
			i=$((i + 1))
		done
	done
}
# sum is that of the numbers that they printed.
sum() {
	awk '{ n += $1 } END { print n + 0 }' "$out/printed"
}
