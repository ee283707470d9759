#!/bin/sh
# Builds the library for Android: android.sh [FOLDER], default build/android. In it:
#
# jniLibs/ABI/libcallkey.so   for an app's src/main/jniLibs
# symbols/ABI/libcallkey.so   the same code with symbols, for crash reports
# include/callkey.h
# callkey-VERSION.aar         all of it for Gradle, with what CMake's find_package(callkey) finds
#
# ANDROID_NDK_HOME is the folder of an NDK. ABIS chooses fewer than all four. DRY_RUN=1 prints the
# commands and needs no NDK.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=capi/run.sh
. capi/run.sh
out=${1:-build/android}
api=24
abis=${ABIS:-arm64-v8a armeabi-v7a x86 x86_64}
# shellcheck source=tools/version.env
. tools/version.env

# What the NDK and Go call an ABI.
triple() {
	case $1 in
	arm64-v8a) echo aarch64-linux-android ;;
	armeabi-v7a) echo armv7a-linux-androideabi ;;
	x86) echo i686-linux-android ;;
	x86_64) echo x86_64-linux-android ;;
	*) echo "there is no ABI $1" >&2; return 1 ;;
	esac
}
architecture() {
	case $1 in
	arm64-v8a) echo arm64 ;;
	armeabi-v7a) echo arm ;;
	x86) echo 386 ;;
	x86_64) echo amd64 ;;
	esac
}

for abi in $abis; do
	triple "$abi" >/dev/null
done
ndk=${ANDROID_NDK_HOME:-}
if [ "${DRY_RUN:-}" = 1 ]; then
	ndk=${ndk:-ANDROID_NDK_HOME}
elif [ -z "$ndk" ]; then
	echo 'ANDROID_NDK_HOME is not set. Get an NDK with Android Studio or with
  sdkmanager "ndk;27.2.12479018"
and set ANDROID_NDK_HOME to its folder.' >&2
	exit 1
fi
# NDKs for Macs are named after Intel's too, and run on either.
case $(uname -s) in
Darwin) host=darwin-x86_64 ;;
*) host=linux-x86_64 ;;
esac
for abi in $abis; do
	compiler=$ndk/toolchains/llvm/prebuilt/$host/bin/$(triple "$abi")$api-clang
	if [ "${DRY_RUN:-}" != 1 ] && [ ! -x "$compiler" ]; then
		echo "$ndk is no NDK for API $api: it has no $compiler" >&2
		exit 1
	fi
done

for abi in $abis; do
	GOOS=android GOARCH=$(architecture "$abi")
	CC=$ndk/toolchains/llvm/prebuilt/$host/bin/$(triple "$abi")$api-clang
	export GOOS GOARCH CC
	python3 -m tools.build "$out/jniLibs/$abi/libcallkey.so"
	python3 -m tools.build "$out/symbols/$abi/libcallkey.so" debug
	run sh platforms/android/check.sh "$out/jniLibs/$abi/libcallkey.so"
done
run mkdir -p "$out/include"
run cp include/callkey.h "$out/include/callkey.h"
# shellcheck disable=SC2086 # a list of ABIs
run "${PYTHON:-python3}" platforms/android/aar.py "$out" "$VERSION" "$api" $abis
