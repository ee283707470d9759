#!/bin/sh
# tls.sh LIBRARY: how much static thread-local storage the library takes. A program that loads it while
# it runs has about 1.6 KB of it for all libraries together (glibc), so at most 64 bytes are ours.
set -eu
size=$(readelf -lW "$1" | awk '$1 == "TLS" { print $6 }')
size=$((${size:-0}))
[ $size -le 64 ] || { echo "$1 takes $size bytes of static TLS, more than 64" >&2; exit 1; }
echo "static TLS: $size bytes"
