#!/bin/sh
# However a host comes by the library, its calls give right answers: linked, loaded before and
# after the host has set itself up, from a thread that ends, and with every signal blocked.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host loading tests/host/loading.c
repeat loading
echo "loading: $runs hosts, linked, loaded early, late, from a thread and with signals blocked: every answer is right"
