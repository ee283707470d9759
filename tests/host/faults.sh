#!/bin/sh
# A nil pointer in the library's Go code is INTERNAL on every thread of the host, whatever alternate
# stack and handlers it has; a handler that the host installed later gets it. A fault in the host's own
# code comes to the host's handler, or kills the process as it would without the library.
set -eu
cd "$(dirname "$0")/../.."
sh tests/boundary/library.sh provoke
LIBRARY=${LIBRARY:-build/provoke/libcallkey.so.0}
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
guest
host fault tests/host/fault.c

hosts=0
# expect STATUS WHAT HANDLER STACK: on the first and on another thread, first and later, with the
# library linked and loaded late. Where the host dies it says nothing, for the host would not.
expect() {
	status=$1
	shift
	for thread in main other; do
		for when in first later; do
			for way in linked late; do
				[ "$way $2" != "linked before" ] && [ "$way $2" != "linked before-onstack" ] || way=blocked
				program=$out/fault
				[ $way != linked ] || program=$out/fault-linked
				got=0
				# shellcheck disable=SC2016 # the words of the shell between, whose own words on a death are not of interest
				timeout -s KILL 60 sh -c 'exec "$@" >"$0" 2>&1' "$out/said" \
					"$program" $way "$@" $thread $when >/dev/null 2>&1 || got=$?
				if [ $got -ne "$status" ] || [ -s "$out/said" ]; then
					echo "fault $way $* $thread $when: exit status $got, not $status"
					cat "$out/said"
					exit 1
				fi
				hosts=$((hosts + 1))
			done
		done
	done
}
SEGV=139 BUS=135 FPE=136 ILL=132 ABRT=134

for provoked in nil depths; do
	export CALLKEY_PROVOKE=$provoked
	for stack in 0 8 64; do
		for handler in none before before-onstack chain chain-onstack; do
			expect 0 bug $handler $stack
		done
		for handler in after after-onstack; do
			expect 70 bug $handler $stack
		done
	done
done
bugs=$hosts

for stack in 0 8 64; do
	expect $SEGV read none $stack
	expect $BUS bus none $stack
	expect $FPE divide none $stack
	expect $ILL illegal none $stack
	expect $SEGV overflow none $stack
	expect $SEGV raise none $stack
	expect $ABRT abort none $stack
	for handler in before before-onstack after after-onstack; do
		for what in read bus divide illegal raise; do
			expect 71 $what $handler $stack
		done
		expect 70 abort $handler $stack
	done
	# Only on an alternate stack can a handler run then.
	[ $stack = 0 ] || for handler in before-onstack after-onstack; do expect 71 overflow $handler $stack; done
done
echo "faults: $bugs hosts with a nil pointer in Go code: INTERNAL, or the handler that came later; $((hosts - bugs)) with a fault of their own: as without the library"
