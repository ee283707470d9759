#!/bin/sh
# Builds the shared library: build.sh OUTPUT [debug|release|provoke]
#
# release  stripped; the same sources give the same bytes in any folder
# debug    the same code with symbols and line numbers
# provoke  release whose callkey_selftest panics, for the test of what a panic does
#
# The exports are those of the header, through a version script made from it. GO and CC
# choose the tools.
set -eu
output=$1
kind=${2:-release}
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

mkdir -p "$(dirname "$output")"
output=$(cd "$(dirname "$output")" && pwd)/$(basename "$output")
map=$(mktemp)
trap 'rm -f "$map"' EXIT
sh "$here/exports.sh" map >"$map"

# Secrets are erased by the runtime where it can do that.
case $(${GO:-go} env GOOS)/$(${GO:-go} env GOARCH) in
linux/amd64 | linux/arm64) export GOEXPERIMENT=runtimesecret ;;
esac

# SQLite without temporary files, which would hold what the store seals.
export CGO_CFLAGS="-O2 -g -DSQLITE_TEMP_STORE=3"
tags=sqlite_omit_load_extension,netgo,osusergo
strip="-s -w"
case $kind in
debug) strip= ;;
provoke) tags=$tags,provoke ;;
esac

cd "$root"
CGO_ENABLED=1 ${GO:-go} build -buildmode=c-shared -trimpath -buildvcs=false -tags "$tags" \
	-ldflags "$strip -buildid= -extldflags '-Wl,-soname,libcallkey.so.0 -Wl,--version-script=$map -Wl,--build-id=none -Wl,-z,relro -Wl,-z,now'" \
	-o "$output" ./capi
# cgo writes a header of its own beside the library; callkey.h is the only one.
rm -f "${output%.*}.h"
