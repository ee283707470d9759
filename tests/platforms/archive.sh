#!/bin/sh
# Builds the static archive and runs the C tests with it.
set -eu
cd "$(dirname "$0")/../.."
built=build/static
make --no-print-directory archive
env -u GOOS -u GOARCH -u CC CGO_ENABLED=0 "${GO:-go}" run ./tools/contract exports $built/libcallkey.a
python3 -m tools.reproduce $built/libcallkey.a "$(go env GOCACHE)"
python3 -m tests.c.run $built/libcallkey.a
