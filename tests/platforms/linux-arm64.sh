#!/bin/sh
# Builds the library for Linux on arm64 and runs the C tests with it under QEMU.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
need aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
need qemu-aarch64-static qemu-user-static

export GOOS=linux GOARCH=arm64 CC=aarch64-linux-gnu-gcc
built=build/linux-arm64
make --no-print-directory lib GOOS=$GOOS GOARCH=$GOARCH CC=$CC
sh capi/exports.sh check $built/libcallkey.so.0
RUNNER="qemu-aarch64-static -L /usr/aarch64-linux-gnu" sh tests/c/run.sh $built/libcallkey.so.0
