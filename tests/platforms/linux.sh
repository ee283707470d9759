#!/bin/sh
# Builds the library for Linux on another processor and runs the C tests with it:
#
# linux.sh arm64   under QEMU
# linux.sh 386     a 32-bit one, as two of Android's are, which an amd64 processor runs by itself
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
case $1 in
arm64)
	triple=aarch64-linux-gnu
	need $triple-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
	need qemu-aarch64-static qemu-user-static
	RUNNER="qemu-aarch64-static -L /usr/$triple"
	;;
386)
	triple=i686-linux-gnu
	need $triple-gcc "gcc-i686-linux-gnu libc6-dev-i386-cross"
	RUNNER="/usr/$triple/lib/ld-linux.so.2 --library-path /usr/$triple/lib"
	;;
*) sed -n '2,5s/^# *//p' "$0" >&2; exit 2 ;;
esac

export RUNNER GOOS=linux GOARCH="$1" CC=$triple-gcc
. tools/version.env
library=build/linux-$1/libcallkey.so.$ABI_MAJOR
make --no-print-directory lib GOOS=$GOOS GOARCH="$GOARCH" CC=$CC
env -u GOOS -u GOARCH -u CC CGO_ENABLED=0 "${GO:-go}" run ./tools/contract exports "$library"
python3 -m tools.tls "$library"
python3 -m tools.reproduce "$library" "$(go env GOCACHE)"
sh tests/boundary/residue.sh 4 "$library"
python3 -m tests.c.run "$library"
