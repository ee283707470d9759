#!/bin/sh
# Builds the library: build.sh OUTPUT [KIND[,KIND...]]
#
# OUTPUT says by its ending what to build:
# .so, .so.0  a shared library
# .dll        the same for Windows, and beside it callkey.def, libcallkey.dll.a, callkey.lib
# .a          a static archive
#
# release  stripped; the same sources give the same bytes in any folder
# debug    the same code with symbols and line numbers
# provoke  release whose callkey_selftest panics, for the test of what a panic does
# portable release without the erasing by the runtime, as it is on platforms that lack it
# unprotected
#          release without anything that keeps secrets out of memory, for the test that looks
#          for them
# valgrind debug that tells memcheck what Go does with its memory, and keeps all of it
# apart    debug in which each block of SQLite's lies alone on the heap, for the tests that watch
#          the ends of blocks
# asan     debug with AddressSanitizer in C and Go, and UndefinedBehaviorSanitizer in C (gcc)
# hwasan   debug with HWAddressSanitizer in C, which is not optimized, for linux/arm64 under QEMU
#
# The exports are those of the header, through lists made from it. GOOS and GOARCH choose
# the platform, GO and CC the tools. DRY_RUN=1 prints the commands instead of running them.
set -eu
output=$1
kind=${2:-release}
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
go=${GO:-go}
cc=${CC:-cc}
system=$($go env GOOS)
architecture=$($go env GOARCH)
# shellcheck source=capi/run.sh
. "$here/run.sh"

case $output in
/*) ;;
*) output=$PWD/$output ;;
esac
run mkdir -p "$(dirname "$output")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# SQLite without temporary files, which would hold what the store seals.
cflags="-O2 -g -DSQLITE_TEMP_STORE=3"

# Secrets are erased by the runtime where it can do that, elsewhere by core/secret. And the
# runtime leaves no copies elsewhere: it does not interrupt its own threads by a signal, for
# which the kernel would write their registers to the signal's stack (it waits for the next
# function call instead), and does not move a stack to a smaller one, which would leave the
# old one as it is.
experiment=
runtime=asyncpreemptoff=1,gcshrinkstackoff=1
case $system/$architecture in
linux/amd64 | linux/arm64) experiment=runtimesecret ;;
esac

# A signal of musl's own does not ask for the alternate stack: see capi/runtime/altstack.patch.
reserve=
if [ "$system" = linux ] && ! printf '#include <features.h>\n' | $cc -E -dM - | grep -q __GLIBC__; then
	reserve="-X runtime.reserveEverywhere=musl"
fi

tags=sqlite_omit_load_extension,netgo,osusergo
strip="-s -w"
instrument=
for part in $(echo "$kind" | tr ',' ' '); do
	case $part in
	debug) strip= ;;
	provoke) tags=$tags,provoke ;;
	portable) experiment= ;;
	unprotected)
		tags=$tags,unprotected
		experiment=
		runtime=
		;;
	valgrind)
		strip=
		tags=$tags,valgrind
		# Erasing the stack is an invalid write to memcheck, and DWARF 5 is new to it.
		experiment=nodwarf5
		;;
	apart)
		strip=
		cflags="$cflags -DSQLITE_DEFAULT_LOOKASIDE=0,0 -DSQLITE_DEFAULT_PCACHE_INITSZ=0"
		;;
	asan)
		strip=
		instrument=-asan
		cflags="$cflags -fsanitize=undefined -fno-sanitize-recover=undefined"
		export CGO_LDFLAGS="-fsanitize=undefined"
		# And whether Go pointers get where C could keep them.
		experiment=${experiment:+$experiment,}cgocheck2
		;;
	hwasan)
		strip=
		cflags="$cflags -O0 -fsanitize=hwaddress"
		export CGO_LDFLAGS="-fsanitize=hwaddress"
		# The sanitizer takes the stack for the end of the address space. QEMU has it low, and
		# Go's heap at a random place would lie behind.
		experiment=${experiment:+$experiment,}norandomizedheapbase64
		;;
	esac
done

# Go's cache does not look into headers outside of a package. So its checksum goes into it, in
# a file that is there for the compiler only. The same overlay holds what must differ in Go's
# runtime inside another program: see capi/runtime.
printf 'package main\n\n// callkey.h: %s\n' "$(cksum <"$root/include/callkey.h")" >"$work/header.go"
(
	cd "$root"
	env -u GOOS -u GOARCH -u GOARM -u GOEXPERIMENT -u CC CGO_ENABLED=0 GOFLAGS= \
		"$go" run ./capi/overlay "$work" "$root/capi/header.go=$work/header.go"
) >"$work/overlay.json"

# compile MODE OUTPUT [LINKER FLAGS]
compile() {
	# shellcheck disable=SC2016,SC2086 # quotes inside quotes: $3 does expand; instrument is one flag or none
	run env GOOS="$system" GOARCH="$architecture" GOEXPERIMENT="$experiment" CGO_ENABLED=1 \
		CC="$cc" CGO_CFLAGS="$cflags" "$go" build -C "$root" $instrument -buildmode="$1" -trimpath \
		-overlay "$work/overlay.json" -buildvcs=false -tags "$tags" \
		-ldflags "$strip -buildid= $reserve ${runtime:+-X runtime.godebugDefault=$runtime} ${3:+-extldflags '$3'}" -o "$2" ./capi
	# cgo writes a header of its own beside the library; callkey.h is the only one.
	run rm -f "${2%.*}.h"
}

# tool NAME: the binutils that go with the compiler
tool() {
	if [ "${DRY_RUN:-}" = 1 ]; then echo "$1"; else $cc -print-prog-name="$1"; fi
}

shared_library() {
	sh "$here/exports.sh" map >"$work/map"
	# Android packs no version numbers into an app, maps pages of up to 16 KB, and finds the
	# symbols for a crash report by the build id.
	case $system in
	android) platform="-Wl,-soname,libcallkey.so -Wl,--build-id=sha1 -Wl,-z,max-page-size=16384" ;;
	*) platform="-Wl,-soname,libcallkey.so.0 -Wl,--build-id=none" ;;
	esac
	# With -z defs, a symbol that nobody has is an error here and not where the library is loaded.
	compile c-shared "$output" "$platform -Wl,--version-script=$work/map -Wl,-z,relro -Wl,-z,now -Wl,-z,defs"
}

# One object in which only the header's names are global: what is inside, SQLite above all,
# must not meet another copy of it in the program.
static_archive() {
	compile c-archive "$work/all.a"
	run rm -f "$output"
	case $system in
	darwin | ios)
		sh "$here/exports.sh" list | sed 's/^/_/' >"$work/names"
		run $cc -r -nostdlib -Wl,-all_load -Wl,-exported_symbols_list,"$work/names" \
			-o "$work/callkey.o" "$work/all.a"
		run env ZERO_AR_DATE=1 ar cr "$output" "$work/callkey.o"
		;;
	*)
		sh "$here/exports.sh" list >"$work/names"
		# -d: a variable of cgo's without a place yet gets one, or it would stay global.
		run $cc -r -nostdlib -Wl,-d -Wl,--whole-archive -o "$work/callkey.o" "$work/all.a"
		# The runtime starts before any initialiser of the program's, one of which may call: it would
		# wait for ever. Priorities up to 100 are for such.
		run "$(tool objcopy)" --keep-global-symbols="$work/names" \
			--rename-section .init_array=.init_array.00100 "$work/callkey.o"
		[ -z "$strip" ] || run "$(tool strip)" --strip-debug "$work/callkey.o"
		run "$(tool ar)" crD "$output" "$work/callkey.o"
		;;
	esac
}

windows_library() {
	folder=$(dirname "$output")
	compile c-archive "$work/all.a"
	# The objects ask for exports of their own, cgo's functions among them. The .def decides.
	run "$(tool objcopy)" --remove-section .drectve "$work/all.a"
	{
		printf 'LIBRARY %s\nEXPORTS\n' "$(basename "$output")"
		sh "$here/exports.sh" list
	} >"$work/callkey.def"
	run cp "$work/callkey.def" "$folder/callkey.def"
	# No time stamp, and no preferred address made from the path of the output.
	# shellcheck disable=SC2086 # strip is empty or two flags
	run $cc -shared ${strip:+-s} -static-libgcc -o "$output" "$folder/callkey.def" \
		-Wl,--whole-archive "$work/all.a" -Wl,--no-whole-archive \
		-Wl,--out-implib,"$folder/libcallkey.dll.a" -Wl,--no-insert-timestamp \
		-Wl,--disable-auto-image-base -Wl,--dynamicbase -Wl,--high-entropy-va -Wl,--nxcompat
	# What Microsoft's linker reads.
	if command -v llvm-dlltool >/dev/null; then
		run llvm-dlltool -m i386:x86-64 -d "$folder/callkey.def" -l "$folder/callkey.lib"
	else
		echo "callkey.lib was not made: that needs llvm-dlltool; lib /def:callkey.def makes it too" >&2
	fi
}

case $output in
*.dll) windows_library ;;
*.a) static_archive ;;
*) shared_library ;;
esac
