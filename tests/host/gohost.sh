#!/bin/sh
# A host in Go, with a second Go library: three Go runtimes in one process, 3 times.
set -eu
cd "$(dirname "$0")/../.."
library=${LIBRARY:-build/libcallkey.so.0}
out=build/host/gohost
go=${GO:-go}
mkdir -p "$out"
"$go" build -buildmode=c-shared -o "$out/second.so" ./tests/host/gohost/second
CGO_LDFLAGS="$PWD/$library -Wl,-rpath,$(dirname "$PWD/$library")" "$go" build -o "$out/gohost" ./tests/host/gohost
for _ in 1 2 3; do
	"$out/gohost" "$out/second.so" 2>"$out/stderr" >"$out/stdout" || { cat "$out/stderr"; exit 1; }
done
sed 's/^/3 runs, the last: /' "$out/stdout"
