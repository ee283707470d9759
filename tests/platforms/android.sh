#!/bin/sh
# The Android build as far as it goes without an NDK: what it says without one, the commands of a dry
# run, and all of it for one ABI with a stand-in for the NDK.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/platforms/need.sh
. tests/platforms/need.sh
# shellcheck source=tests/platforms/tally.sh
. tests/platforms/tally.sh
need clang clang
need aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset ANDROID_NDK_HOME

# says TEXT COMMAND...: it fails, and with this text
says() {
	text=$1
	shift
	if said=$("$@" 2>&1); then return 1; fi
	echo "$said"
	case $said in *"$text"*) ;; *) return 1 ;; esac
}
try "without an NDK it says where to get one" says sdkmanager sh platforms/android.sh "$work/none"
try "a folder that is no NDK is named" says "$work is no NDK" env ANDROID_NDK_HOME="$work" sh platforms/android.sh "$work/none"
try "an ABI that does not exist is named" says "there is no ABI mips" env ABIS=mips sh platforms/android.sh "$work/none"
try "nothing was made until then" [ ! -e "$work/none" ]

DRY_RUN=1 sh platforms/android.sh "$work/dry" >"$work/commands"
# builds ABI GOARCH COMPILER: one stripped library and one with symbols, both as Android needs them
builds() {
	for folder in jniLibs symbols; do
		grep -E "GOOS=android GOARCH=$2 .* CC=[^ ]*/bin/$3-clang .*-buildmode=c-shared .* -o $work/dry/$folder/$1/libcallkey.so " "$work/commands" |
			grep -e -Wl,-soname,libcallkey.so | grep -e -Wl,-z,max-page-size=16384 | grep -e -Wl,-z,defs | grep -qe -Wl,--version-script= || return 1
	done
}
try "arm64-v8a: the commands" builds arm64-v8a arm64 aarch64-linux-android24
try "armeabi-v7a: the commands" builds armeabi-v7a arm armv7a-linux-androideabi24
try "x86: the commands" builds x86 386 i686-linux-android24
try "x86_64: the commands" builds x86_64 amd64 x86_64-linux-android24
try "no other ABI is built" [ "$(grep -c -e -buildmode=c-shared "$work/commands")" = 8 ]
try "a dry run makes nothing" [ ! -e "$work/dry" ]

# The structs, as each ABI's compiler lays them out.
printf '#include "layout.h"\n' >"$work/layout.c"
for target in aarch64-linux-android24 armv7a-linux-androideabi24 i686-linux-android24 x86_64-linux-android24; do
	try "$target: the header's layout" clang -target $target -std=c99 -pedantic -Wall -Wextra -Werror -ffreestanding \
		-Iinclude -Itests/c -fsyntax-only "$work/layout.c"
done

# In a place that stays: what was compiled is compiled once.
ndk=$PWD/build/ndk-stand-in
sh tests/platforms/ndk.sh "$ndk"
out=build/android-stand-in
try "arm64-v8a: builds, and is what Android asks for" env ABIS=arm64-v8a ANDROID_NDK_HOME="$ndk" sh platforms/android.sh "$out"
library=$out/jniLibs/arm64-v8a/libcallkey.so
try "it is stripped" refuses sh -c "readelf -SW $library | grep -qF .debug_info"
try "its twin has symbols" sh -c "readelf -SW $out/symbols/arm64-v8a/libcallkey.so | grep -qF .debug_info"
try "a library for pages of 4 KB is refused" says "pages of 16 KB" sh -c "
	aarch64-linux-gnu-gcc -shared -Wl,-z,max-page-size=4096 -Wl,-z,common-page-size=4096 -x c /dev/null -o $work/libcallkey.so &&
	sh platforms/android/check.sh $work/libcallkey.so"
# The stand-in's liblog without its one function, for as long as the test lasts.
lacks_a_symbol() (
	liblog=$ndk/system/liblog.so
	cp "$liblog" "$work/liblog.so"
	trap 'cp "$work/liblog.so" "$liblog"' EXIT
	aarch64-linux-gnu-gcc -shared -Wl,-soname,liblog.so -x c /dev/null -o "$liblog"
	says "undefined reference to \`__android_log_vprint'" env GOOS=android GOARCH=arm64 \
		CC="$ndk/toolchains/llvm/prebuilt/linux-x86_64/bin/aarch64-linux-android24-clang" python3 -m tools.build "$work/lacks/libcallkey.so"
)
try "a symbol that no library of the system has fails the build" lacks_a_symbol
archive() {
	"${PYTHON:-python3}" - "$out"/callkey-*.aar "$library" <<'END'
import json, sys, zipfile
import xml.etree.ElementTree as xml

archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
module = "prefab/modules/callkey"
abi = f"{module}/libs/android.arm64-v8a"
wanted = {"AndroidManifest.xml", "META-INF/LICENSE", "META-INF/THIRD_PARTY.md", "prefab/prefab.json", f"{module}/module.json",
          f"{module}/include/callkey.h", f"{abi}/abi.json", f"{abi}/libcallkey.so"}
assert set(archive.namelist()) == wanted, archive.namelist()
assert archive.read(f"{abi}/libcallkey.so") == open(sys.argv[2], "rb").read()
assert archive.read(f"{module}/include/callkey.h") == open("include/callkey.h", "rb").read()
manifest = xml.fromstring(archive.read("AndroidManifest.xml"))
assert manifest.find("uses-sdk").get("{http://schemas.android.com/apk/res/android}minSdkVersion") == "24"
prefab = json.loads(archive.read("prefab/prefab.json"))
assert (prefab["name"], prefab["schema_version"]) == ("callkey", 2)
assert json.loads(archive.read(f"{module}/module.json"))["library_name"] == "libcallkey"
of_abi = json.loads(archive.read(f"{abi}/abi.json"))
assert of_abi["abi"] == "arm64-v8a" and of_abi["api"] == 24 and of_abi["stl"] == "none" and of_abi["static"] is False
END
}
try "the AAR holds the library, the header and what CMake asks for" archive
tally
