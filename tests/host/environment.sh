#!/bin/sh
# Variables that speak to a Go runtime, or to FIPS 140: the library answers as without them, and writes nothing.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host environment tests/host/environment.c

FOLDER=$(mktemp -d)
export FOLDER
trap 'rm -rf "$FOLDER"' EXIT
variables=0
# run PROGRAM ARGUMENT...: what it says is "1".
run() {
	said=$(timeout -s KILL 120 "$@" 2>&1) || { echo "$*: exit status $?"; echo "$said"; exit 1; }
	[ "$said" = 1 ] || { echo "$*: it wrote:"; echo "$said"; exit 1; }
	runs=$((runs + 1))
}
for variable in GODEBUG=fips140=only GODEBUG=fips140=on GODEBUG=fips140=debug GODEBUG=gctrace=1,schedtrace=1,inittrace=1 \
	GODEBUG=asyncpreemptoff=0,gcshrinkstackoff=0,gcstoptheworld=2,cpu.all=off GODEBUG=nonsense=1,=,,fips140=maybe \
	GOGC=off GOGC=1 GOMEMLIMIT=1 GOMEMLIMIT=nonsense GOMAXPROCS=1 GOMAXPROCS=-1 GOTRACEBACK=crash GOTRACEBACK=nonsense; do
	run env "$variable" "$out/environment-linked" linked
	run env "$variable" "$out/environment" late
	run "$out/environment" late "$variable"
	variables=$((variables + 1))
done
echo "environment: $runs hosts with $variables settings of Go's variables, in their environment or set by themselves: every answer is right, nothing is written"
