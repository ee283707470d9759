#!/bin/sh
# Builds the library for Apple's systems: xcframework.sh [FOLDER], default build/apple. In it:
#
# CCallKey.xcframework              static libraries for iOS, its simulator and macOS
# CCallKey.xcframework.zip          what a Swift package's binaryTarget downloads
# CCallKey.xcframework.zip.sha256   its checksum, as Package.swift wants it
#
# Static, because an app that links one Go library needs no framework to embed and sign, and what
# it does not call is left out. Needs a Mac with Xcode 15. DRY_RUN=1 prints the commands anywhere.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=capi/run.sh
. capi/run.sh
out=${1:-build/apple}
# The oldest that the Go runtime inside supports.
ios=13.0
macos=12.0

if [ "${DRY_RUN:-}" != 1 ]; then
	[ "$(uname -s)" = Darwin ] || { echo "an xcframework is built on a Mac, with Xcode 15 or later" >&2; exit 1; }
	if ! xcrun --sdk iphoneos --show-sdk-path >/dev/null 2>&1; then
		echo 'Xcode with the iOS SDK was not found: install it, then run "sudo xcode-select -s /Applications/Xcode.app"' >&2
		exit 1
	fi
fi

# library FOLDER SDK GOOS TARGET...: one archive for all targets of a system
library() {
	folder=$1
	sdk=$2
	export GOOS="$3"
	shift 3
	parts=
	for target in "$@"; do
		case $target in
		arm64-*) export GOARCH=arm64 ;;
		x86_64-*) export GOARCH=amd64 ;;
		esac
		CC="xcrun --sdk $sdk clang -target $target" python3 -m tools.build "$out/$target/libcallkey.a"
		parts="$parts $out/$target/libcallkey.a"
	done
	run mkdir -p "$out/$folder"
	# shellcheck disable=SC2086 # a list of files without spaces
	run xcrun lipo -create $parts -output "$out/$folder/libcallkey.a"
}

library ios iphoneos ios "arm64-apple-ios$ios"
library ios-simulator iphonesimulator ios "arm64-apple-ios$ios-simulator" "x86_64-apple-ios$ios-simulator"
library macos macosx darwin "arm64-apple-macos$macos" "x86_64-apple-macos$macos"

# In a folder of their own: every library's module.modulemap is copied into one folder of an app's.
run mkdir -p "$out/Headers/CCallKey"
run cp include/callkey.h platforms/apple/module.modulemap "$out/Headers/CCallKey/"

framework=$out/CCallKey.xcframework
run rm -rf "$framework" "$framework.zip"
run xcodebuild -create-xcframework \
	-library "$out/ios/libcallkey.a" -headers "$out/Headers" \
	-library "$out/ios-simulator/libcallkey.a" -headers "$out/Headers" \
	-library "$out/macos/libcallkey.a" -headers "$out/Headers" \
	-output "$framework"
run cp platforms/apple/PrivacyInfo.xcprivacy LICENSE THIRD_PARTY.md "$framework/"
run ditto -c -k --keepParent "$framework" "$framework.zip"
if [ "${DRY_RUN:-}" = 1 ]; then
	run shasum -a 256 "$framework.zip"
else
	shasum -a 256 "$framework.zip" | cut -d' ' -f1 >"$framework.zip.sha256"
	echo "$framework.zip, checksum $(cat "$framework.zip.sha256")"
fi
