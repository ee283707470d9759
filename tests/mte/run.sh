#!/bin/sh
# make test-mte: the C tests on an arm64 processor with tagged memory (MTE, synchronous), under QEMU.
# Every block of the heap has a tag, and an access from another block or from behind it ends the
# program: the host's memory that a call is given (loan.h), the tests' own, and SQLite's.
#
# At the end, accesses that are wrong on purpose must be stopped.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
here=tests/mte
triple=aarch64-linux-gnu
need $triple-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
need qemu-aarch64-static qemu-user-static
built=$PWD/build/mte
library=$built/libcallkey.so.0

export GOOS=linux GOARCH=arm64 CC=$triple-gcc
python3 -m tools.build "$library" apart
python3 -m tools.build "$built/provoke/libcallkey.so.0" apart,provoke

flags="-std=c99 -Wall -Wextra -Werror -g -O1 -Iinclude -I$here -Itests/c"
# shellcheck disable=SC2086 # flags are several
{
	$CC $flags -c -o "$built/loan.o" $here/loan.c
	$CC $flags -c -o "$built/wraps.o" $here/wraps.c
	$CC $flags -o "$built/over" $here/over.c "$built/loan.o" "$library" -Wl,-rpath,"$built"
}
$triple-nm "$built/wraps.o" | sed -n 's/.* T __wrap_\(.*\)/-Wl,--wrap=\1/p' >"$built/options"

# QEMU 7 misses the tag of a pointer in the instruction by which glibc clears memory: glibc's memset
# for this processor does without.
tagged=glibc.mem.tagging=3:glibc.cpu.name=kunpeng920
export RUNNER="qemu-aarch64-static -cpu max -L /usr/$triple -E GLIBC_TUNABLES=$tagged"
export CC="$triple-gcc $built/wraps.o $built/loan.o @$built/options"
python3 -m tests.c.run "$library"

stopped=0
# stops NAME: the access is refused for its tag, code 9 of SIGSEGV
stops() {
	# shellcheck disable=SC2086 # RUNNER has arguments
	if $RUNNER "$built/over" "$1" >"$built/over.log" 2>&1 || ! grep -q "$2" "$built/over.log"; then
		cat "$built/over.log"
		echo "FAIL not stopped: $1"
		exit 1
	fi
	stopped=$((stopped + 1))
}
$RUNNER "$built/over" none
stops read 'signal 11'
stops go 'SIGSEGV: .* code=0x9'
stops c 'signal 11'
stops freed 'signal 11'
echo "tagged memory: $stopped wrong accesses made on purpose were stopped"
