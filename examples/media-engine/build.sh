#!/bin/sh
# build.sh PROGRAM [FLAG...]: compiles the media engine against the built library. CC chooses the
# compiler. Without libsrtp2 or Opus it says how to get them and ends with status 77.
set -eu
cd "$(dirname "$0")/../.."
program=$1
shift
: "${CC:=cc}"

# shellcheck disable=SC2086 # CC may hold flags
if ! printf '#include <srtp2/srtp.h>\n#include <opus/opus.h>\n' | $CC -E -x c - >/dev/null 2>&1; then
	echo 'skipped: needs libsrtp2-dev and libopus-dev, get them with "apt-get install libsrtp2-dev libopus-dev"' >&2
	exit 77
fi
mkdir -p "$(dirname "$program")"
# shellcheck disable=SC2086
$CC -std=c99 -D_POSIX_C_SOURCE=200809L -O2 -g -Wall -Wextra -Werror -pedantic "$@" -Iinclude \
	examples/media-engine/*.c -o "$program" build/libcallkey.so.0 -Wl,-rpath,"$PWD/build" \
	-lsrtp2 -lopus -lm
