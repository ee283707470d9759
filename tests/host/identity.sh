#!/bin/sh
# setresuid and setresgid, which signal every thread of the process, while calls run.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host identity tests/host/identity.c
repeat identity
echo "identity: $runs hosts changed their ids $(sum) times while their threads called: every answer is right"
