#!/bin/sh
# Handlers without SA_ONSTACK at 5,000 Hz in each thread that calls the library: of 100 bytes and of
# 64 KB, with backtrace(), and with calls of the library. No handler runs on a stack of Go's: every
# answer is right, and no host dies.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host storm tests/host/storm.c
for signal in PROF VTALRM ALRM; do
	repeat storm $signal 100
	repeat storm $signal 64000
done
repeat storm PROF backtrace
repeat storm ALRM call
echo "storm: $runs hosts with plain handlers of 100 bytes, of 64 KB, with backtrace() and with calls, $(sum) signals at 5,000 Hz a thread: every answer is right"
