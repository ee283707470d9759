#!/bin/sh
# make test-musl: the library in programs with musl. The C tests run with the static archive, in programs
# that are static altogether, and with the shared library, in programs that are linked to it. Loading
# it later is impossible: what the programs then hear is what docs/platforms.md says.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
need musl-gcc musl-tools
here=tests/musl
built=$PWD/build/musl
archive=$built/static/libcallkey.a
library=$built/libcallkey.so.0

export CC=musl-gcc
for output in "$archive" "$library"; do
	python3 -m tools.build "$output"
	python3 -m tools.build "$(dirname "$output")/provoke/$(basename "$output")" provoke
	env -u GOOS -u GOARCH -u CC CGO_ENABLED=0 "${GO:-go}" run ./tools/contract exports "$output"
done
CC="musl-gcc -static" python3 -m tests.c.run "$archive"
python3 -m tests.c.run "$library"

$CC -static -std=c11 -Wall -Wextra -Werror -g -Iinclude $here/identity.c "$archive" -o "$built/identity"
# A thread that is in the wrong place at the wrong time is one in many.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	line=$(timeout 300 "$built/identity") || { echo "FAIL identity: exit status $?"; exit 1; }
done
echo "identity: 12 times $line"

$CC -std=c11 -Wall -Wextra -Werror -g $here/loaded.c -o "$built/loaded"
# hears LIBRARY TEXT: loading it fails, and with this text
hears() {
	if said=$("$built/loaded" "$1"); then
		echo "FAIL loading $1: $said"
		exit 1
	fi
	case $said in
	*"$2"*) echo "loading: $2" ;;
	*) echo "FAIL loading $1: $said"; exit 1 ;;
	esac
}
hears "$library" "initial-exec TLS resolves to dynamic definition in $library"
# One that was built for glibc finds none.
glibc=build/libcallkey.so.0
[ -e $glibc ] || CC=cc python3 -m tools.build $glibc
hears "$PWD/$glibc" "Error loading shared library $(readelf -d $glibc | sed -n 's/.*NEEDED.*\[\(ld-linux.*\)\]/\1/p'): No such file or directory"
