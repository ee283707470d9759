#!/bin/sh
# Destructors of a thread's own keys, in all rounds, before and after the library has given the thread
# up: its mask and alternate stack are as before, and calls work.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host ending tests/host/ending.c
repeat ending
echo "ending: in $(sum) destructors of ending threads, in every round, the thread is as before and calls work"
