#!/bin/sh
# A JVM, through a plain JNI shim: a million calls on 64 threads and on threads that come and go, with
# NullPointerExceptions and StackOverflowErrors before, between and in calls, garbage collections
# and thread dumps; the library is loaded early, late and before the JVM, under three collectors,
# with small stacks and with -Xcheck:jni; SIGTERM ends it through its shutdown hook.
set -eu
cd "$(dirname "$0")/../.."
library=$(realpath "${LIBRARY:-build/libcallkey.so.0}")
javac=${JAVA_HOME:+$JAVA_HOME/bin/}javac
if ! command -v "$javac" >/dev/null; then
	echo 'skipped: needs a JDK of 17 or newer, get it with "apt-get install openjdk-17-jdk-headless"' >&2
	exit 0
fi
home=$(dirname "$(dirname "$(realpath "$(command -v "$javac")")")")
out=$PWD/build/host/jvm
mkdir -p "$out"
"$home/bin/javac" -Xlint:all -Werror -d "$out" tests/host/Jvm.java
${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -shared -fPIC -Iinclude -I"$home/include" -I"$home/include/linux" \
	tests/host/jvm.c -o "$out/shim.so" "$library" -Wl,-rpath,"$(dirname "$library")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	echo "a JVM $1: $2"
	grep -v '^[[:space:]]*at \|^$' "$work/said" | tail -n 40
	cat "$work"/run/hs_err* 2>/dev/null | head -n 60
	exit 1
}

# run WHAT STATUS PRELOADED OPTION...: it must end with the status, without a crash report.
run() {
	what=$1 wanted=$2 preloaded=$3
	shift 3
	rm -rf "$work/run"
	mkdir "$work/run"
	got=0
	(cd "$work/run" && LD_PRELOAD=$preloaded exec timeout -k 5 300 "$home/bin/java" -cp "$out" -Dshim="$out/shim.so" -Dfolder="$work/run" "$@" Jvm) \
		>"$work/said" 2>&1 || got=$?
	[ "$got" = "$wanted" ] || fail "$what" "exit status $got, want $wanted"
	for report in "$work"/run/hs_err*; do
		[ ! -e "$report" ] || fail "$what" "it crashed"
	done
	grep -q '^held ' "$work/said" || fail "$what" "it did not get to its end"
}

# counted WHAT PRELOADED OPTION...: a run to the end, with its five thread dumps.
counted() {
	what=$1 preloaded=$2
	shift 2
	run "$what" 0 "$preloaded" "$@"
	dumps=$(grep -c '^Full thread dump' "$work/said")
	[ "$dumps" = 5 ] || fail "$what" "$dumps thread dumps of 5"
	line=$(sed -n 's/^held //p' "$work/said")
	echo "$what: $line"
	total=$((total + ${line%% *}))
	runs=$((runs + 1))
}
total=0
runs=0

counted "that loads it late" "" -Dwhen=late -Dcalls=1000000
counted "that loads it early, with one collecting thread and small stacks" "" -Dwhen=early -Dcalls=50000 -XX:+UseSerialGC -Xss256k
# The simple compiler leaves every null pointer to the signal.
counted "that counts the signals, with ZGC" "" -Dwhen=late -Dcalls=50000 -XX:+UseZGC -XX:TieredStopAtLevel=1 -XX:-OmitStackTraceInFastThrow -Dwatch=true
counted "that is loaded after it" "$library" -Dwhen=early -Dcalls=50000
counted "with libjsig" "$home/lib/libjsig.so" -Dwhen=late -Dcalls=50000
counted "that checks JNI calls" "" -Dwhen=early -Dcalls=20000 -Xcheck:jni
! grep -q 'WARNING in native method\|FATAL ERROR' "$work/said" || fail "that checks JNI calls" "it found something"
for when in early late; do
	run "that gets SIGTERM" 143 "" -Dwhen=$when -Dcalls=0 -Dterminated=true
done
echo "jvm: $total calls in $runs JVMs, each exception caught as what it is, every answer right; SIGTERM runs the shutdown hook"
