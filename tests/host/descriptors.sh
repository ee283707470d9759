#!/bin/sh
# The library keeps no descriptor open. Hosts close all that they did not open, use the numbers for
# their own, and call on.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host descriptors tests/host/descriptors.c
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
repeat descriptors "$folder"
echo "descriptors: none is the library's in $runs hosts, and $(sum) answers are right, before and after all were closed"
