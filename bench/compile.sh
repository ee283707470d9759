#!/bin/sh
# Compiles a package's benchmarks the way tools/build.py builds the library, so that what
# is measured is what ships: compile.sh runtime|portable PACKAGE OUTPUT
#
# runtime is with the Go experiment that erases secrets, as the library on linux/amd64 and
# linux/arm64; portable with core/secret erasing them, as on other platforms.
set -eu
cd "$(dirname "$0")/.."
case $1 in
runtime) experiment=runtimesecret ;;
portable) experiment= ;;
*)
	echo "usage: $0 runtime|portable PACKAGE OUTPUT" >&2
	exit 2
	;;
esac
GOEXPERIMENT=$experiment CGO_ENABLED=1 CGO_CFLAGS="-O2 -g -DSQLITE_TEMP_STORE=3" \
	${GO:-go} test -c -trimpath -buildvcs=false \
	-tags sqlite_omit_load_extension,netgo,osusergo -o "$3" "$2"
