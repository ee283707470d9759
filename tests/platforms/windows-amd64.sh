#!/bin/sh
# Builds the library for Windows and runs the C tests with it under Wine. Debian 12's Wine lacks a
# function that Go needs, so this is Debian 13's, in a root of its own.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
need x86_64-w64-mingw32-gcc "gcc-mingw-w64-x86-64"
need llvm-dlltool "llvm"
python3 -m tests.debian trixie install wine wine64 || {
	result=$?
	[ $result = 77 ] && exit 0
	exit $result
}

export GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc
built=build/windows-amd64
make --no-print-directory lib GOOS=$GOOS GOARCH=$GOARCH CC=$CC
env -u GOOS -u GOARCH -u CC CGO_ENABLED=0 "${GO:-go}" run ./tools/contract exports $built/callkey.dll
python3 -m tools.reproduce $built/callkey.dll "$(go env GOCACHE)"
# What is part of every Windows, and no library of the compiler's.
needed=$(x86_64-w64-mingw32-objdump -p $built/callkey.dll | sed -n 's/.*DLL Name: //p' | LC_ALL=C sort | tr '\n' ' ')
[ "$needed" = "KERNEL32.dll msvcrt.dll " ] || { echo "callkey.dll needs $needed" >&2; exit 1; }
tests/platforms/wine.sh wineboot --init >$built/wineboot.log 2>&1 || { cat $built/wineboot.log; exit 1; }
# The other import library, as far as Debian can link with it.
$CC -Iinclude examples/c/first_call.c $built/callkey.lib -o $built/first_call.exe
tests/platforms/wine.sh $built/first_call.exe >$built/first_call.log 2>&1 || { cat $built/first_call.log; exit 1; }
echo "callkey.lib: links, and the program runs"
export RUNNER="$PWD/tests/platforms/wine.sh"
sh tests/boundary/residue.sh 4 $built/callkey.dll
python3 -m tests.c.run $built/callkey.dll
