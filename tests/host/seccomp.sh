#!/bin/sh
# The C tests, loaded after a seccomp filter that lets through exactly docs/seccomp.txt, and what only
# the tests call. Then once more, to look that each name is called: none is superfluous.
set -eu
cd "$(dirname "$0")/../.."
library=${LIBRARY:-build/libcallkey.so.0}
out=$PWD/build/host/seccomp
rm -rf "$out"
mkdir -p "$out"
cc=${CC:-cc}
case $(uname -m) in
x86_64) processor=amd64 ;;
aarch64) processor=arm64 ;;
*) echo "docs/seccomp.txt does not say what $(uname -m) calls" >&2; exit 1 ;;
esac

# names SECTION...
names() {
	awk -v sections=" $* " '/^## / { inside = index(sections, " " $2 " ") } /^[a-z]/ && inside { print $1 }' docs/seccomp.txt
}
# What only the tests call: they keep what is printed in a file, make and remove folders of their own.
host="dup dup2 ioctl mkdir rmdir unlink lseek getdents64 chmod fchmodat setrlimit"
{
	names all $processor elsewhere
	echo "$host" | tr ' ' '\n'
} | LC_ALL=C sort -u | while read -r name; do
	printf '#ifdef SYS_%s\nCALL(%s)\n#endif\n' "$name" "$name"
done >"$out/names.h"

$cc -std=gnu11 -Wall -Wextra -Werror -I"$out" tests/host/seccomp.c -o "$out/seccomp" -ldl -pthread
flags="-std=gnu11 -DCALLKEY_NO_NONNULL -Wall -Wextra -Werror -Iinclude -Itests/c -pthread"
link="$library -Wl,-rpath,$(cd "$(dirname "$library")" && pwd)"
programs=
for test in sizes answers nulls lengths wiped room texts options info growing handles delivery damage accounts \
	prekeys sessions epochs concurrency; do
	case $test in
	answers) support="tests/c/functions.c tests/c/value.c tests/c/reader.c" ;;
	handles) support="tests/c/pair.c tests/c/folder.c tests/c/every.c" ;;
	*) support="tests/c/pair.c tests/c/folder.c" ;;
	esac
	# shellcheck disable=SC2086 # lists
	$cc $flags -shared -fPIC -Wl,-Bsymbolic tests/c/$test.c tests/c/test.c $support -o "$out/$test.so" $link
	programs="$programs $test"
done
# shellcheck disable=SC2086 # lists
{
	$cc $flags -shared -fPIC -Wl,-Bsymbolic tests/host/seccomp_rare.c tests/c/pair.c -o "$out/rare.so" $link
	$cc $flags tests/host/seccomp_rare.c tests/c/pair.c -o "$out/rare" $link
}

# run [-seen FILE]: each program, and the rare calls beside a process that holds a store
tests=0
run() {
	for program in $programs; do
		timeout 120 "$out/seccomp" "$@" "$out/$program.so" testdata/vectors >"$out/$program.log" 2>&1 ||
			{ cat "$out/$program.log" >&2; exit 1; }
		passed=$(tail -n 1 "$out/$program.log")
		tests=$((tests + ${passed%% *}))
	done
	rm -rf "$out/stores"
	mkdir "$out/stores"
	mkfifo "$out/stores/stop" "$out/stores/held"
	"$out/rare" hold "$out/stores/store" <"$out/stores/stop" >"$out/stores/held" &
	exec 9>"$out/stores/stop"
	read -r _ <"$out/stores/held"
	timeout 120 "$out/seccomp" "$@" "$out/rare.so" "$out/stores/store" "$out/stores/new"
	exec 9>&-
	wait
}
run
counted=$tests
run -seen "$out/seen"

LC_ALL=C sort -u "$out/seen" >"$out/called"
superfluous=$(names all $processor | grep -vxFf "$out/called" || true)
[ -z "$superfluous" ] || { echo "on the list, and nothing calls it: $superfluous" >&2; exit 1; }
echo "$counted C tests and loading pass under docs/seccomp.txt; each of its $(names all $processor | wc -l) calls for $processor is made"
