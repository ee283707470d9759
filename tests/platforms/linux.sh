#!/bin/sh
# Builds the library for Linux on another processor and runs the C tests with it under QEMU:
#
# linux.sh arm64
# linux.sh arm     a 32-bit one, as Android's armeabi-v7a and x86 are
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
case $1 in
arm64) triple=aarch64-linux-gnu emulator=qemu-aarch64-static packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
arm) triple=arm-linux-gnueabihf emulator=qemu-arm-static packages="gcc-arm-linux-gnueabihf libc6-dev-armhf-cross" ;;
*) sed -n '2,5s/^# *//p' "$0" >&2; exit 2 ;;
esac
need $triple-gcc "$packages"
need $emulator qemu-user-static

export GOOS=linux GOARCH="$1" CC=$triple-gcc
library=build/linux-$1/libcallkey.so.$(sed -n 's/^#define CALLKEY_ABI_MAJOR //p' include/callkey.h)
make --no-print-directory lib GOOS=$GOOS GOARCH="$GOARCH" CC=$CC
sh capi/exports.sh check "$library"
RUNNER="$emulator -L /usr/$triple" sh tests/c/run.sh "$library"
