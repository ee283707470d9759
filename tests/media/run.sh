#!/bin/sh
# Runs the media engine's calls faster than real time and looks at what each says and writes. Ends
# with one line: N passed, N failed. What a run printed stays in build/tests-media.
set -eu
cd "$(dirname "$0")/../.."
out=build/tests-media
speed=4
rm -rf "$out"
mkdir -p "$out"

passed=0
failed=0
pass() {
	echo "$*"
	passed=$((passed + 1))
}
fail() {
	echo "FAIL $*"
	failed=$((failed + 1))
}

# expect NAME COUNT TEXT: so many lines of NAME's output match.
expect() {
	count=$(grep -c -E "$3" "$out/$1.log" || true)
	if [ "$count" -eq "$2" ]; then
		pass "$1: $2 x $3"
	else
		fail "$1: $count lines, not $2, have: $3"
	fi
}

# run NAME STATUS OPTION...: the exit status, and nothing on stderr.
run() {
	name=$1
	status=$2
	shift 2
	result=0
	timeout 120 "$out/media-engine" --speed $speed "$@" "$out/$name" >"$out/$name.log" 2>"$out/$name.err" || result=$?
	if [ "$result" -eq "$status" ] && [ ! -s "$out/$name.err" ]; then
		pass "$name: exit status $status, stderr empty"
	else
		cat "$out/$name.log" "$out/$name.err"
		fail "$name: exit status $result, not $status, or something on stderr"
	fi
}

result=0
for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	CC=$compiler sh examples/media-engine/build.sh "$out/media-engine-$compiler" || result=$?
	# A user without the libraries; in CI they are installed.
	if [ $result -eq 77 ] && [ "${CI:-}" != true ]; then
		echo "0 passed, 0 failed, skipped"
		exit 0
	fi
	[ $result -eq 0 ] || { fail "does not compile with $compiler"; echo "$passed passed, $failed failed"; exit 1; }
	pass "compiles with $compiler, no warning"
done
# Every run below is under AddressSanitizer and UndefinedBehaviorSanitizer: leaks, too.
sh examples/media-engine/build.sh "$out/media-engine" -fsanitize=address,undefined -fno-sanitize-recover=all

# What an engine may ask of libcallkey per packet is nothing; here one file asks at all.
users=$(grep -l 'callkey_' examples/media-engine/*.[ch])
if [ "$users" = examples/media-engine/keys.c ]; then
	pass "keys.c is the only file that calls libcallkey"
else
	fail "files that call libcallkey:" "$users"
fi

run call 0
expect call 1 'ok +bob:2 answered, and alice found out: bob:2$'
expect call 6 'ok .* 0 lost, 0 refused; ROC 1$'
expect call 1 'ok +key changed on 6 of 6 streams'
expect call 1 'ok +ROC wrapped and kept on 4 of 4 streams; [1-9][0-9]* packets in the overlap'
expect call 6 '[a-z:2]+ -> [a-z:2]+ .* 1  [0-9a-f]{16}$'
expect call 2 '(alice -> bob:2|bob:2 -> alice) .* -  [0-9a-f]{16}$'
# Both streams were past the wrap when their key changed.
expect call 2 '(alice|bob:2) sends under the epoch from packet [0-9]+: ROC 1,'
expect call 1 'ok +RTCP: 38 sent, 38 authentic, told lost 0,'
expect call 1 'ok +libcallkey was called on 1 of [0-9]{4} packets'
expect call 6 'ok .* correlation 0\.9[0-9]+ of at least 0\.90'
# 18 seconds of 16-bit samples at 16 kHz, and a header of 44 bytes.
size=$(wc -c <"$out/call/alice-heard-by-bob.wav")
if [ "$size" -ge $((44 + 18 * 32000)) ]; then
	pass "call: the recording is complete"
else
	fail "call: a recording of $size bytes"
fi

# The sequence numbers wrap while both keys are in use and Carol joins: what she is told is from
# before the wrap, what she hears first from after it.
run wrap 0 --wrap-at 10.2
expect wrap 1 'ok +ROC wrapped and kept on 4 of 4 streams'
expect wrap 6 'ok .* 0 lost, 0 refused; ROC [01]$'

# A recording of the call is as good a source as any, if shorter than the call it is repeated.
run again 0 --wav "$out/call/carol-heard-by-alice.wav"
expect again 6 'ok .* correlation'

# Keyed for the base id while device 2 answered. The other direction is keyed rightly.
run wrong 1 --wrong-device
expect wrong 1 'FAIL +bob:2 answered, and alice found out: bob:0$'
expect wrong 1 'FAIL +bob:2 -> alice +of 200 packets 0 authentic, 0 lost, 200 refused'
expect wrong 1 'FAIL +bob:2 -> alice +correlation 0\.[01][0-9]+ '
expect wrong 1 'ok +alice -> bob:2 +of 200 packets 200 authentic'
expect wrong 1 'ok +alice -> bob:2 +correlation 0\.9'

# make demo-media shows both.
result=0
SPEED=8 sh examples/media-engine/demo.sh >"$out/demo.log" 2>"$out/demo.err" || result=$?
if [ "$result" -eq 0 ] && [ ! -s "$out/demo.err" ]; then
	pass "demo: exit status 0, stderr empty"
else
	cat "$out/demo.log" "$out/demo.err"
	fail "demo: exit status $result, or something on stderr"
fi
expect demo 1 '^17 passed, 0 failed$'
expect demo 1 '^3 passed, 4 failed$'
if awk 'length > 80 { exit 1 }' "$out/demo.log"; then
	pass "demo: no line is longer than 80 columns"
else
	fail "demo: a line is longer than 80 columns"
fi

# A participant that dies ends the call for all, with one line that says who.
"$out/media-engine" "$out/death" >"$out/death.log" 2>"$out/death.err" &
engine=$!
sleep 3
tr ' ' '\n' <"/proc/$engine/task/$engine/children" >"$out/death.pids"
while read -r child; do
	if { tr '\0' ' ' <"/proc/$child/cmdline"; } 2>/dev/null | grep -q -- '--be alice'; then kill -KILL "$child"; fi
done <"$out/death.pids"
result=0
wait "$engine" || result=$?
sleep 0.1
left=$(while read -r child; do if [ -e "/proc/$child" ]; then echo "$child"; fi; done <"$out/death.pids")
if [ "$result" -eq 1 ] && [ "$(cat "$out/death.err")" = "media-engine: alice failed" ] && [ "$(wc -l <"$out/death.pids")" -ge 3 ] &&
	[ -z "$left" ]; then
	pass "death: exit status 1, one line, no process left"
else
	cat "$out/death.err"
	fail "death: exit status $result, processes left: ${left:-none}"
fi

# What is not such a WAV file is refused before anything starts.
head -c 40 "$out/call/alice.wav" >"$out/short.wav"
if "$out/media-engine" --wav "$out/short.wav" "$out/refused" >/dev/null 2>"$out/refused.err"; then
	fail "a WAV file that was cut short is taken"
elif [ "$(wc -l <"$out/refused.err")" -eq 1 ] && grep -q 'short.wav: not a WAV file, or cut short' "$out/refused.err"; then
	pass "a WAV file that was cut short is refused"
else
	cat "$out/refused.err"
	fail "a WAV file that was cut short: another message"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
