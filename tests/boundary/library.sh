#!/bin/sh
# Builds the library KIND of tools/build.py in a folder KIND beside LIBRARY, unless it is as
# new as its sources: library.sh KIND [LIBRARY]    default build/libcallkey.so.0
set -eu
cd "$(dirname "$0")/../.."
beside=${2:-build/libcallkey.so.0}
library=$(dirname "$beside")/$1/$(basename "$beside")
if [ ! -e "$library" ] || [ -n "$(find capi core include go.mod go.sum -type f -newer "$library" | head -n 1)" ]; then
	python3 -m tools.build "$library" "$1"
fi
