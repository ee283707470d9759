#!/bin/sh
# Installs a built library for Linux: install.sh LIBRARY
#
# PREFIX   where it will be found, default /usr/local
# DESTDIR  what stands before PREFIX while installing, as packagers do
#
# Nothing that is installed holds either path, so the tree may be moved.
set -eu
library=$1
here=$(cd "$(dirname "$0")" && pwd)
header=$here/../include/callkey.h
to=${DESTDIR:-}${PREFIX:-/usr/local}
# shellcheck source=tools/version.env
. "$here/../tools/version.env"

case $library in
*.so.*) ;;
*)
	echo "only a library for Linux is installed this way; docs/platforms.md says where others go" >&2
	exit 1
	;;
esac

case $(readelf -h "$library") in
*ELF64*) pointer=8 ;;
*) pointer=4 ;;
esac

# template NAME FOLDER
template() {
	sed -e "s|@VERSION@|$VERSION|g" -e "s|@MAJOR@|$ABI_MAJOR|g" -e "s|@POINTER_BYTES@|$pointer|g" "$here/install/$1.in" >"$2/$1"
	chmod 644 "$2/$1"
}

install -d "$to/include" "$to/lib/pkgconfig" "$to/lib/cmake/callkey" "$to/share/doc/callkey"
install -m 644 "$header" "$to/include/callkey.h"
install -m 755 "$library" "$to/lib/libcallkey.so.$VERSION"
ln -sf "libcallkey.so.$VERSION" "$to/lib/libcallkey.so.$ABI_MAJOR"
ln -sf "libcallkey.so.$ABI_MAJOR" "$to/lib/libcallkey.so"
# The licences of what is inside the library go where it goes.
install -m 644 "$here/../LICENSE" "$here/../THIRD_PARTY.md" "$to/share/doc/callkey"
template callkey.pc "$to/lib/pkgconfig"
template callkeyConfig.cmake "$to/lib/cmake/callkey"
template callkeyConfigVersion.cmake "$to/lib/cmake/callkey"
