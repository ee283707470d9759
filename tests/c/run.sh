#!/bin/sh
# Builds the C tests and examples against build/libcallkey.so and runs them. CC chooses the compiler;
# CFLAGS adds to it, e.g. -fsanitize=address.
set -eu
cd "$(dirname "$0")/../.."
cc=${CC:-cc}
out=build/tests
major=$(sed -n 's/^#define CALLKEY_ABI_MAJOR //p' include/callkey.h)
mkdir -p $out

# The size macros and their functions, from the header.
sh capi/exports.sh sizes | while read -r macro; do
	echo "TWIN($macro, $(echo "$macro" | tr '[:upper:]' '[:lower:]'))"
done >$out/twins.inc

# compile OUTPUT LIBRARY_FOLDER SOURCE...
compile() {
	output=$1 folder=$2
	shift 2
	# shellcheck disable=SC2086 # CFLAGS are words
	"$cc" -std=c11 -O1 -g -Wall -Wextra -pedantic -Werror -D_GNU_SOURCE -DCALLKEY_NO_NONNULL ${CFLAGS:-} \
		-Iinclude -I$out -o "$output" "$@" -L"$folder" -lcallkey -Wl,-rpath,"$PWD/$folder" -pthread
}

tests="check header library json vectors misuse buffers stanza store call threads fork"
sources=
for name in $tests; do sources="$sources tests/c/$name.c"; done
# shellcheck disable=SC2086 # the names are words
compile $out/callkey_tests build tests/c/main.c $sources
echo "C tests"
$out/callkey_tests testdata/vectors

echo "C test of a panic"
sh capi/build.sh $out/provoke/libcallkey.so."$major" provoke
ln -sf libcallkey.so."$major" $out/provoke/libcallkey.so
compile $out/panic $out/provoke tests/c/panic.c tests/c/check.c
$out/panic

# The example is compiled as a reader would do it: nothing but the header and the library.
echo "C example"
"$cc" -std=c99 -Wall -Wextra -pedantic -Werror -Iinclude -o $out/first_call examples/c/first_call.c \
	-Lbuild -lcallkey -Wl,-rpath,"$PWD/build"
$out/first_call >$out/first_call.txt
tail -n 1 $out/first_call.txt
