#!/bin/sh
# make test-hwasan: calls, file stores and the examples with HWAddressSanitizer in the host's code and
# in the library's C, on arm64 under QEMU. Pointers to the host's heap and stack reach the library, and
# Go, with a tag in their highest byte, as in an app for Android that is built with it.
#
# At the end, accesses that are wrong on purpose must be stopped.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
here=tests/hwasan
triple=aarch64-linux-gnu
need $triple-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
need qemu-aarch64-static qemu-user-static
built=$PWD/build/hwasan
library=$built/libcallkey.so.0

export GOOS=linux GOARCH=arm64 CC=$triple-gcc
python3 -m tools.build "$library" hwasan
python3 -m tools.build "$built/provoke/libcallkey.so.0" hwasan,provoke
# Without the sanitizer, for a host that is built with it.
python3 -m tools.build "$built/plain/libcallkey.so.0" apart

export CC="$triple-gcc -fsanitize=hwaddress"
export RUNNER="qemu-aarch64-static -L /usr/$triple"
python3 -m tests.c.run "$library" answers accounts sessions concurrency children bug

$triple-gcc -std=c99 -Wall -Wextra -Werror -c -o "$built/first.o" $here/first.c
# compile PROGRAM LIBRARY [OBJECT]
compile() {
	program=$1
	shift
	# shellcheck disable=SC2086 # CC has arguments
	$CC -std=c99 -Wall -Wextra -Werror -g -Iinclude -o "$program" $here/wrong.c "$@" -Wl,-rpath,"$(dirname "$1")"
}
compile "$built/wrong" "$library"
compile "$built/plain/wrong" "$built/plain/libcallkey.so.0" "$built/first.o"

# The same tags each time, or a block and what is behind it would agree once in a while.
export HWASAN_OPTIONS=random_tags=0
stopped=0
# stops NAME FUNCTION: the access is refused for its tag, in that function
stops() {
	# shellcheck disable=SC2086 # RUNNER has arguments
	if $RUNNER "$built/wrong" "$1" >"$built/wrong.log" 2>&1 ||
		! grep -q 'HWAddressSanitizer: tag-mismatch' "$built/wrong.log" ||
		! grep -q " in $2 " "$built/wrong.log"; then
		cat "$built/wrong.log"
		echo "FAIL not stopped: $1"
		exit 1
	fi
	stopped=$((stopped + 1))
}
$RUNNER "$built/plain/wrong"
$RUNNER "$built/wrong"
stops stack main
stops heap main
stops library callkey_wipe
stops freed callkey_wipe
echo "HWAddressSanitizer: $stopped wrong accesses made on purpose were stopped"
