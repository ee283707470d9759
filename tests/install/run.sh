#!/bin/sh
# Installs the library below a path with spaces, moves it, and builds a program outside this tree
# with pkg-config and with CMake. Ends with one line: N passed, N failed.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
# shellcheck source=tests/platforms/tally.sh
. tests/platforms/tally.sh
need pkg-config pkg-config
need cmake cmake

tree=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tools/version.env
. tools/version.env
make --no-print-directory install PREFIX="/opt/two words" DESTDIR="$work/staging area" >/dev/null

wanted="include/callkey.h
lib/cmake/callkey/callkeyConfig.cmake
lib/cmake/callkey/callkeyConfigVersion.cmake
lib/libcallkey.so
lib/libcallkey.so.$ABI_MAJOR
lib/libcallkey.so.$VERSION
lib/pkgconfig/callkey.pc
share/doc/callkey/LICENSE
share/doc/callkey/THIRD_PARTY.md"
installed() {
	found=$(cd "$work/staging area/opt/two words" && find . ! -type d | sed 's|^\./||' | LC_ALL=C sort)
	echo "$found"
	[ "$found" = "$wanted" ] && [ "$(find "$work/staging area" -mindepth 1 -maxdepth 1)" = "$work/staging area/opt" ]
}
try "these files are installed and no others" installed
try "a text knows neither PREFIX nor DESTDIR" refuses grep -rlI -e "two words" -e "staging area" "$work/staging area"

prefix="$work/moved to"
mv "$work/staging area/opt/two words" "$prefix"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" CMAKE_PREFIX_PATH="$prefix"

mkdir "$work/outside"
cp examples/c/first_call.c "$work/outside/program.c"
cp tests/install/CMakeLists.txt "$work/outside/"
cd "$work/outside"

# The flags are quoted for a shell, hence eval.
with_pkg_config() {
	[ "$(pkg-config --modversion callkey)" = "$VERSION" ] &&
		eval "${CC:-cc} program.c -o program $(pkg-config --cflags --libs callkey)" &&
		readelf -d program | grep -qF "[libcallkey.so.$ABI_MAJOR]" &&
		LD_LIBRARY_PATH="$prefix/lib" ./program
}
try "pkg-config: a program builds and runs" with_pkg_config

with_cmake() {
	rm -rf built
	cmake -S . -B built -DWANTED="$1" && cmake --build built && ./built/program
}
try "CMake: a program builds and runs" with_cmake ""
try "CMake: it is found as version $VERSION" with_cmake "$VERSION"
try "CMake: it is found as version ${VERSION%.*}" cmake -S . -B earlier -DWANTED="${VERSION%.*}"
try "CMake: it is not a later version" refuses cmake -S . -B later -DWANTED="$VERSION.1"
try "CMake: it is not another major version" refuses cmake -S . -B major -DWANTED="$((ABI_MAJOR + 1)).0"


cd "$tree"
# The second library is the head of a 32-bit one.
of_another_width() {
	grep -q 'SIZEOF_VOID_P EQUAL 8' "$prefix/lib/cmake/callkey/callkeyConfigVersion.cmake" &&
		{ printf '\177ELF\1\1\1' && head -c 45 /dev/zero; } >"$work/lib.so.0" &&
		PREFIX=/narrow DESTDIR="$work" sh platforms/install.sh "$work/lib.so.0" &&
		grep -q 'SIZEOF_VOID_P EQUAL 4' "$work/narrow/lib/cmake/callkey/callkeyConfigVersion.cmake"
}
try "CMake: a library is for programs of its own width" of_another_width
tally
