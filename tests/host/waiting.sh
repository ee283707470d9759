#!/bin/sh
# Hosts that block signals in all threads and wait for them get each one: SIGCHLD, SIGTERM, SIGRTMIN
# by sigwait and signalfd, the ticks of a POSIX timer.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host waiting tests/host/waiting.c
repeat waiting sigwait
repeat waiting signalfd
repeat waiting timer
echo "waiting: $runs hosts with sigwait, signalfd and POSIX timers got each signal, 1,000 of 1,000"
