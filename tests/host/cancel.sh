#!/bin/sh
# pthread_cancel of threads that are inside calls: the call ends first, then the thread, and the
# library works on.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host cancel tests/host/cancel.c
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
repeat cancel "$folder"
echo "cancel: $runs hosts cancelled $(sum) threads inside calls: each call ended first, the library works on"
