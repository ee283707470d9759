# shellcheck shell=sh
# Sourced by the scripts of the hosts, in the project's root. guest makes the shared object with
# the calls that hosts make (work.c), linked to LIBRARY; host NAME SOURCES AND FLAGS makes two
# programs: $out/NAME loads it, $out/NAME-linked has it from the start.
library=${LIBRARY:-build/libcallkey.so.0}
library=$(cd "$(dirname "$library")" && pwd)/$(basename "$library")
out=$PWD/build/host
mkdir -p "$out"

compile() {
	${CC:-cc} -std=c11 -g -O1 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c -Itests/host/guest "$@"
}

# Two nouns may make it at once.
guest() {
	compile -fPIC -shared tests/host/guest/work.c tests/c/pair.c -o "$out/work.$$.so" \
		"$library" -Wl,-rpath,"$(dirname "$library")"
	mv "$out/work.$$.so" "$out/work.so"
}

host() {
	name=$1
	shift
	set -- "$@" tests/host/guest/guest.c -pthread
	compile "$@" -o "$out/$name" -Wl,-rpath,"$out"
	compile "$@" -o "$out/$name-linked" -Wl,--no-as-needed "$out/work.so" -Wl,-rpath,"$out"
}
