#!/bin/sh
# The Apple build as far as it goes without a Mac: what it says without one, the commands of a dry
# run, the header's layout, the module map and the privacy manifest.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
# shellcheck source=tests/platforms/tally.sh
. tests/platforms/tally.sh
need clang clang
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

elsewhere() {
	if said=$(sh platforms/xcframework.sh "$work/none" 2>&1); then return 1; fi
	echo "$said"
	case $said in *"on a Mac, with Xcode"*) ;; *) return 1 ;; esac
	[ ! -e "$work/none" ]
}
[ "$(uname -s)" = Darwin ] || try "without a Mac it says that it needs one, and makes nothing" elsewhere

DRY_RUN=1 sh platforms/xcframework.sh "$work/dry" >"$work/commands"
# slice TARGET GOOS GOARCH SDK
slice() {
	grep -qE "GOOS=$2 GOARCH=$3 .* 'CC=xcrun --sdk $4 clang -target $1' .*-buildmode=c-archive " "$work/commands" &&
		grep -qE "^xcrun --sdk $4 clang -target $1 -r .*-exported_symbols_list,[^ ]* " "$work/commands" &&
		grep -qE " ar cr $work/dry/$1/libcallkey.a " "$work/commands"
}
ios=ios13.0
try "iOS: the commands" slice arm64-apple-$ios ios arm64 iphoneos
try "simulator on Apple silicon: the commands" slice arm64-apple-$ios-simulator ios arm64 iphonesimulator
try "simulator on Intel: the commands" slice x86_64-apple-$ios-simulator ios amd64 iphonesimulator
try "macOS on Apple silicon: the commands" slice arm64-apple-macos12.0 darwin arm64 macosx
try "macOS on Intel: the commands" slice x86_64-apple-macos12.0 darwin amd64 macosx
try "no other system is built" [ "$(grep -c -e -buildmode=c-archive "$work/commands")" = 5 ]
try "one archive per system, and headers with each" sh -c "
	[ \$(grep -c 'lipo -create' $work/commands) = 3 ] &&
	grep '^xcodebuild -create-xcframework' $work/commands | grep -qE '(-library [^ ]+/(ios|ios-simulator|macos)/libcallkey.a -headers [^ ]+/Headers ){3}-output'"
try "the privacy manifest, the licences, a zip and its checksum" sh -c "
	grep -q '^cp platforms/apple/PrivacyInfo.xcprivacy LICENSE THIRD_PARTY.md .*CCallKey.xcframework/' $work/commands &&
	grep -q '^ditto -c -k --keepParent .*CCallKey.xcframework.zip' $work/commands &&
	grep -q '^shasum -a 256 .*CCallKey.xcframework.zip' $work/commands"
try "a dry run makes nothing" [ ! -e "$work/dry" ]

printf '#include "layout.h"\n' >"$work/layout.c"
for target in arm64-apple-$ios arm64-apple-$ios-simulator x86_64-apple-$ios-simulator arm64-apple-macos12.0 x86_64-apple-macos12.0; do
	try "$target: the header's layout" clang -target "$target" -std=c99 -pedantic -Wall -Wextra -Werror -ffreestanding \
		-Iinclude -Itests/c -fsyntax-only "$work/layout.c"
done

# Two libraries in one app: Xcode copies the headers of all into one folder.
mkdir -p "$work/Headers/CCallKey" "$work/Headers/COther"
cp include/callkey.h platforms/apple/module.modulemap "$work/Headers/CCallKey/"
printf 'module COther { header "other.h" }\n' >"$work/Headers/COther/module.modulemap"
printf '#define OTHER 1\n' >"$work/Headers/COther/other.h"
cat >"$work/app.c" <<'END'
#pragma clang module import CCallKey
#pragma clang module import COther
callkey_store store = OTHER;
size_t size(void) { return callkey_key_bytes() + CALLKEY_KEY_BYTES; }
END
try "the module is found beside another's, and is complete" clang -target arm64-apple-$ios -fmodules \
	-fmodules-cache-path="$work/cache" -ffreestanding -I"$work/Headers" -Wall -Werror -fsyntax-only "$work/app.c"

privacy() {
	"${PYTHON:-python3}" - platforms/apple/PrivacyInfo.xcprivacy <<'END'
import plistlib, sys

with open(sys.argv[1], "rb") as f:
    manifest = plistlib.load(f)
assert manifest["NSPrivacyTracking"] is False
assert manifest["NSPrivacyTrackingDomains"] == [] and manifest["NSPrivacyCollectedDataTypes"] == []
used = {a["NSPrivacyAccessedAPIType"]: a["NSPrivacyAccessedAPITypeReasons"] for a in manifest["NSPrivacyAccessedAPITypes"]}
assert used == {
    "NSPrivacyAccessedAPICategoryFileTimestamp": ["C617.1"],
    "NSPrivacyAccessedAPICategoryDiskSpace": ["E174.1"],
    "NSPrivacyAccessedAPICategorySystemBootTime": ["35F9.1"],
}, used
END
}
try "the privacy manifest declares what is used, with Apple's reasons" privacy
tally
