#!/bin/sh
# What a call leaves as it was: signal mask, alternate stack, floating point control and flags,
# errno, cancellation, folder, umask and every signal's action. Each function as the first and as
# later calls of its thread; then every call that the C tests make.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
# Each function is in one of the lists, or in a macro of its own.
grep -v "^#" capi/callkey.names | LC_ALL=C sort >"$out/functions"
grep -E '_(bytes|count|abi_version)$' "$out/functions" | sed 's/.*/SIZE(&)/' >"$out/first_sizes.h"
grep -v '^callkey_wipe$' "$out/functions" | sed 's/.*/#define &(...) WATCHED(&, ##__VA_ARGS__)/' >"$out/watched_names.h"
echo '#define callkey_wipe(...) WATCHED_WIPE(__VA_ARGS__)' >>"$out/watched_names.h"
{
	sed 's/SIZE(\(.*\))/\1/' "$out/first_sizes.h"
	grep -o 'ROW([a-z0-9_]*,' tests/c/every.c | sed 's/ROW(/callkey_/; s/,//' | grep -v '^callkey_name$'
	grep -oE 'callkey_(version|status_name|status_text|wipe|last_error)\(' tests/host/first.c | tr -d '('
} | LC_ALL=C sort -u >"$out/tried"
diff "$out/functions" "$out/tried"

for file in state floats watched; do
	compile -I"$out" -c tests/host/$file.c -o "$out/$file.o"
done
watch() {
	name=$1
	shift
	compile -I"$out" -Itests/host "$@" "$out/state.o" "$out/floats.o" -o "$out/$name" \
		"$library" -Wl,-rpath,"$(dirname "$library")" -pthread -lm
}
# Most signals are ignored or handled in these, SIGTERM among them.
run() {
	name=$1
	shift
	timeout -s KILL 300 "$out/$name" "$@" >"$out/log" 2>&1 || {
		cat "$out/log"
		[ ! -e "$out/$name.out" ] || cat "$out/$name.out"
		echo "$name: exit status not 0"
		exit 1
	}
}

watch first tests/host/first.c tests/c/every.c tests/c/pair.c tests/c/folder.c
run first
calls=$(cat "$out/log")
export STATE_NO_HANDLERS=1
run first
unset STATE_NO_HANDLERS

for test in sizes answers nulls lengths wiped room texts options info growing handles delivery damage \
	accounts prekeys sessions epochs concurrency; do
	support="tests/c/test.c tests/c/pair.c tests/c/folder.c"
	case $test in
	answers) support="tests/c/test.c tests/c/functions.c tests/c/value.c tests/c/reader.c" ;;
	handles) support="$support tests/c/every.c" ;;
	esac
	# shellcheck disable=SC2086 # a list of files
	watch $test -D_GNU_SOURCE -include tests/host/watched.h \
		"$out/watched.o" tests/c/$test.c $support
	run $test testdata/vectors
done
echo "state: after $calls calls, of each function as the first and as later ones of a thread, and after all that the C tests make, thread and process are as before"
