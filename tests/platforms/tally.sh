# shellcheck shell=sh
# Sourced by the tests of scripts. try SENTENCE COMMAND... counts a test; tally prints the count.
passed=0
failed=0
output=$(mktemp)
try() {
	what=$1
	shift
	if "$@" >"$output" 2>&1; then
		passed=$((passed + 1))
		echo "$what"
	else
		failed=$((failed + 1))
		cat "$output"
		echo "FAIL $what"
	fi
}
refuses() {
	! "$@"
}
tally() {
	rm -f "$output"
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ] && [ $passed -gt 0 ]
}
