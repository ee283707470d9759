#!/bin/sh
# A signal that arrives in malloc, and a handler that calls the library: its calls answer, also the first
# one of the thread that fails.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
compile tests/host/handler.c -o "$out/handler" "$library" -Wl,-rpath,"$(dirname "$library")" -pthread
threads=$(timeout 120 "$out/handler")
echo "handler: $threads threads were interrupted in malloc: every call of their handlers answers"
