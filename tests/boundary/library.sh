#!/bin/sh
# Builds the library KIND of capi/build.sh in build/KIND, unless it is as new as its
# sources: library.sh KIND
set -eu
cd "$(dirname "$0")/../.."
library=build/$1/libcallkey.so.0
if [ ! -e "$library" ] || [ -n "$(find capi core include go.mod go.sum -type f -newer "$library" | head -n 1)" ]; then
	sh capi/build.sh "$library" "$1"
fi
