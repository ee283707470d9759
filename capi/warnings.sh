#!/bin/sh
# All C of the project with every warning that -Wall and -Wextra have, by each of the compilers:
#
# warnings.sh COMPILER...    such as gcc clang
#
# The shim and the header as the library is built, and every test, example and benchmark. Files for
# Windows are compiled for it where there is a compiler with its headers.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/cgo" "$work/made"

# What cgo declares for the shim.
(
	cd capi
	# shellcheck disable=SC2046 # file names here have no spaces
	$go tool cgo -objdir "$work/cgo" -- -I../include -DCALLKEY_BUILD $($go list -f '{{join .CgoFiles " "}}' .)
)
# Headers that a test's script makes are empty here.
git ls-files '*.h' '*.c' >"$work/files"
sed 's|.*/||' "$work/files" | sort -u >"$work/names"
xargs sed -n 's/^#[ ]*include "\([a-z_]*\.h\)"$/\1/p' <"$work/files" | sort -u |
	grep -vxF -f "$work/names" | grep -vx '_cgo_export.h' >"$work/absent" || true
while read -r name; do : >"$work/made/$name"; done <"$work/absent"
includes="-Iinclude -Icapi $(sed -n 's|/[^/]*\.h$||p' "$work/files" | sort -u | sed 's/^/-I/' | tr '\n' ' ') -I$work/cgo -I$work/made"

# The host of tests/host/jvm.py needs a JDK's headers.
jdk=
javac=$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}javac" || true)
if [ -n "$javac" ]; then
	jdk=$(dirname "$(dirname "$(readlink -f "$javac")")")/include
	includes="$includes -I$jdk -I$jdk/linux"
elif [ "${CI:-}" = true ]; then
	echo "there is no javac" >&2
	exit 1
fi

count=0
# The optimizer finds what is used before it is set.
# compile FILE COMMAND...
compile() {
	file=$1
	shift
	case $file in
	capi/*) set -- "$@" -DCALLKEY_BUILD ;;
	*) set -- "$@" -DCALLKEY_NO_NONNULL ;;
	esac
	# shellcheck disable=SC2086 # includes are many
	"$@" -std=gnu11 -O2 -Wall -Wextra -Werror $includes -c -o "$work/object" "$file" ||
		{ echo "warnings in $file, with $*" >&2; exit 1; }
	count=$((count + 1))
}
for compiler; do
	command -v "$compiler" >/dev/null || { echo "there is no $compiler" >&2; exit 1; }
	windows=
	if command -v x86_64-w64-mingw32-gcc >/dev/null; then
		case $compiler in
		clang*) windows="$compiler -target x86_64-w64-mingw32" ;;
		*) windows=x86_64-w64-mingw32-gcc ;;
		esac
	fi
	for file in $(git ls-files '*.c'); do
		case $file in
		*_windows.c) ;;
		tests/host/jvm.c) [ -z "$jdk" ] || compile "$file" "$compiler" ;;
		*) compile "$file" "$compiler" ;;
		esac
		case $file in
		*_windows.c | capi/*)
			# shellcheck disable=SC2086 # a command and its flags
			[ -z "$windows" ] || compile "$file" $windows
			;;
		esac
	done
done
echo "warnings: none in $count compilations of the C files, with $*"
