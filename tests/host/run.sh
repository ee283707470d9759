#!/bin/sh
# make test-host: programs that stand for hosts, each with the library inside.
#
# run.sh [NOUN...]    default every NOUN.sh beside this script
#
# A noun's script builds its programs in build/host, runs them, and prints one line that says what
# held; or "skipped: needs ..." on stderr, which is a failure where CI=true. Two nouns run side by
# side. LIBRARY is the library that they take, build/libcallkey.so.0 without it; LIMIT is how many
# seconds a noun may take, 900 without it.
set -eu
cd "$(dirname "$0")/../.."
out=build/host
mkdir -p "$out"

# One noun: its result goes to a file, its line to stdout, all it wrote only if it failed.
if [ "${1:-}" = -one ]; then
	noun=$2
	log=$out/$noun.log
	result=failed
	if [ ! -e "tests/host/$noun.sh" ]; then
		echo "there is no tests/host/$noun.sh" >"$log"
	elif timeout "${LIMIT:-900}" sh "tests/host/$noun.sh" >"$log" 2>&1; then
		case $(tail -n 1 "$log") in
		skipped:*) [ "${CI:-}" = true ] || result=skipped ;;
		?*) result=passed ;;
		*) echo "$noun said nothing" >"$log" ;;
		esac
	else
		echo "exit status $?" >>"$log"
	fi
	echo $result >"$out/$noun.result"
	if [ $result = failed ]; then
		{ echo "FAIL $noun"; cat "$log"; } >"$log.failed"
		cat "$log.failed"
	else
		tail -n 1 "$log" | sed "/^$noun: /!s/^/$noun: /"
	fi
	exit 0
fi

if [ $# -eq 0 ]; then
	for script in tests/host/*.sh; do
		noun=$(basename "$script" .sh)
		[ "$noun" = run ] || set -- "$@" "$noun"
	done
fi
for noun; do rm -f "$out/$noun.result"; done
printf '%s\n' "$@" | xargs -P 2 -n 1 sh tests/host/run.sh -one

passed=0
failed=0
skipped=0
for noun; do
	case $(cat "$out/$noun.result") in
	passed) passed=$((passed + 1)) ;;
	skipped) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
done
if [ $skipped -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
