#!/bin/sh
# Builds the static archive and runs the C tests with it.
set -eu
cd "$(dirname "$0")/../.."
built=build/static
make --no-print-directory archive
sh capi/exports.sh check $built/libcallkey.a
sh capi/reproduce.sh $built/libcallkey.a "$(go env GOCACHE)"
sh tests/c/run.sh $built/libcallkey.a
