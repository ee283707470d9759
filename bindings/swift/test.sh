#!/bin/sh
# Tests the Swift package against the built library: its format, the sessions in the README and in
# examples/swift, what must not compile, and at the end the tests, whose own line comes last.
# Arguments go to `swift test`.
#
# The toolchain is the `swift` on PATH from 6.0 on, else Debian trixie's in the root that
# tests/debian.py keeps. If there is none, SWIFT=get and CI make that root; it takes 3 GB and two
# minutes, and needs root.
set -eu
cd "$(dirname "$0")/../.."
tree=$PWD
work=$tree/build/swift

# The library as it is installed, so that what is tested is what an app finds.
prefix=$work/prefix
[ "${INSIDE_TRIXIE:-}" = true ] || make --no-print-directory -s install PREFIX="$prefix" DESTDIR=

swift_version() { swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p'; }
case $(swift_version) in
'' | [0-5].*)
	packages="swiftlang libc6-dev"
	# shellcheck disable=SC2086 # a list of packages
	if [ "${SWIFT:-}" = get ] || [ "${CI:-}" = true ]; then
		python3 -m tests.debian trixie install $packages || {
			result=$?
			[ $result = 77 ] && exit 0
			exit $result
		}
	elif ! python3 -m tests.debian trixie has $packages; then
		echo "skipped: needs Swift 6.0 or later, get it from swift.org, or as root Debian trixie's into build/trixie with \"make test-swift\"" >&2
		exit 0
	fi
	exec python3 -m tests.debian trixie run env INSIDE_TRIXIE=true sh bindings/swift/test.sh "$@"
	;;
esac

# What SwiftPM builds belongs to one toolchain and one place: made for another, it is made anew.
made_for="$(swift_version) in $tree"
if [ "$(cat "$work/made-for" 2>/dev/null)" != "$made_for" ]; then
	rm -rf "$work/package"
	printf '%s\n' "$made_for" >"$work/made-for"
fi

# LD_BIND_NOW: a symbol that is bound at its first call saves the vector registers on the stack, and
# with them what was copied last, which the test `wiped` would find.
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib" LD_BIND_NOW=1

# swift_build PACKAGE SCRATCH FLAGS...: warnings are errors. SwiftPM overlooks new files of a package that
# another depends on, so nothing is kept.
swift_build() {
	package=$1 scratch=$2
	shift 2
	rm -rf "$scratch"
	swift build --package-path "$package" --scratch-path "$scratch" -Xswiftc -warnings-as-errors "$@" >"$scratch.log" 2>&1 ||
		{ cat "$scratch.log"; exit 1; }
}

swift format lint --strict --recursive bindings/swift examples/swift
echo "swift format: nothing"

# Optimised, as an app is shipped: the compiler fails at other things then.
swift_build examples/swift/FirstCall "$work/example" -c release
"$work/example/release/FirstCall" >"$work/FirstCall.log" || { cat "$work/FirstCall.log"; exit 1; }
echo "examples/swift: runs"

# The README's sessions, as a reader has them: its package file, and what it says as main.swift.
snippet() { awk -v n="$1" '/^```swift$/ { count++; inside = count == n; next } /^```$/ { inside = 0 } inside' README.md; }
[ "$(grep -c '^```swift$' README.md)" = 2 ] || { echo "README.md: not two Swift snippets" >&2; exit 1; }
mkdir -p "$work/readme/Sources/App"
snippet 1 | sed "s|path/to/libcallkey|$tree|" >"$work/readme/Package.swift"
snippet 2 >"$work/readme/Sources/App/main.swift"
swift_build "$work/readme" "$work/readme/build"
"$work/readme/build/debug/App" | grep -q '<enc v="2"' || { echo "README.md: its Swift session printed no offer" >&2; exit 1; }
echo "README.md: its Swift session runs"

modules="-I $work/example/release/Modules -Xcc -fmodule-map-file=bindings/swift/Sources/CCallKey/module.modulemap"
compiles() {
	# shellcheck disable=SC2086 # flags
	swiftc -swift-version 6 -emit-sil -o /dev/null $modules "$1"
}

# The documentation: every link leads somewhere, every parameter is there, its session compiles.
catalog=bindings/swift/Sources/CallKey/CallKey.docc
triple=$(swift -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1)
rm -rf "$work/symbols" "$work/docs"
mkdir -p "$work/symbols"
# shellcheck disable=SC2086 # flags
{
	swift symbolgraph-extract -module-name CallKey -minimum-access-level public -target "$triple" \
		-output-dir "$work/symbols" $modules
	"$(dirname "$(readlink -f "$(command -v swift)")")/docc" convert "$catalog" --warnings-as-errors \
		--additional-symbol-graph-dir "$work/symbols" --fallback-display-name CallKey \
		--fallback-bundle-identifier CallKey --output-path "$work/docs"
	{
		echo 'import CallKey'
		echo 'protocol Engine { func send(with key: UnsafeRawBufferPointer); func receive(with key: UnsafeRawBufferPointer) }'
		echo 'func session(store: Store, devices: [String], options: OfferOptions, ownJID: String, device: String, engine: Engine) throws {'
		awk '/^```swift$/ { inside = 1; next } /^```$/ { inside = 0 } inside' $catalog/CallKey.md
		echo '_ = offer }'
	} >"$work/session.swift"
	compiles "$work/session.swift"
} >"$work/docs.log" 2>&1 || { cat "$work/docs.log"; exit 1; }
echo "documentation: docc finds nothing, its session compiles"

# What must not compile, each for the reason in its first line.
for refused in bindings/swift/Tests/Refused/*.swift; do
	reason=$(sed -n '1s|^// ||p' "$refused")
	if compiles "$refused" >"$work/refused.log" 2>&1; then
		echo "$refused: compiles" >&2
		exit 1
	fi
	grep -qF "error: $reason" "$work/refused.log" || { cat "$work/refused.log"; exit 1; }
done
echo "bindings/swift/Tests/Refused: does not compile"

# When a secret's life ends, the optimiser has a say in.
swift test -c release -Xswiftc -enable-testing --package-path bindings/swift --scratch-path "$work/release" --disable-xctest \
	--filter InUseTests >"$work/release.log" 2>&1 || { cat "$work/release.log"; exit 1; }
grep -q 'Test run with [1-9][0-9]* tests passed' "$work/release.log" || { cat "$work/release.log"; exit 1; }
echo "secrets in use, optimised: none is wiped under a call"

# One line for each test that failed and for the whole; every case passing would be a thousand lines.
if ! swift test --package-path bindings/swift --scratch-path "$work/package" --disable-xctest "$@" >"$work/test.log" 2>&1; then
	grep -v -e ' started\.$' -e ' passed after ' -e '^. Passing ' "$work/test.log"
	exit 1
fi
tail -n 1 "$work/test.log" | grep ' passed after ' || { tail -n 20 "$work/test.log"; exit 1; }
