#!/bin/sh
# make check: what a reviewer would otherwise look for by eye. One line per check; the
# first that fails ends the run. A tool that is missing is a failure where CI=true.
set -eu
cd "$(dirname "$0")/.."
library=build/libcallkey.so.0

passed=0
skipped=0
pass() {
	echo "$*"
	passed=$((passed + 1))
}
# holds SCRIPT...: runs it and passes with the line it prints. The assignment keeps its exit
# status, which an argument $(...) would lose.
holds() {
	line=$("$@")
	pass "$line"
}
missing() {
	echo "skipped: needs $1, get it with \"$2\"" >&2
	if [ "${CI:-}" = true ]; then exit 1; fi
	skipped=$((skipped + 1))
}

untidy=$(gofmt -l capi core supply tests testdata tools bench tools 2>/dev/null || true)
[ -z "$untidy" ] || { echo "not gofmt'ed: $untidy" >&2; exit 1; }
pass "format: gofmt finds nothing"

go vet -tags sqlite_omit_load_extension ./... ./testdata/vectors
pass "vet: nothing"

if command -v staticcheck >/dev/null; then
	staticcheck -tags sqlite_omit_load_extension ./...
	pass "staticcheck: nothing"
else
	missing staticcheck "go install honnef.co/go/tools/cmd/staticcheck@v0.8.2"
fi

go mod tidy -diff
go mod verify >/dev/null
pass "modules: go.mod and go.sum are tidy, and what was downloaded has the hashes of go.sum"

if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2046 # file names here have no spaces
	shellcheck $(git ls-files '*.sh') .ci/run
	pass "shellcheck: nothing"
else
	missing shellcheck "apt-get install shellcheck"
fi

compilers=gcc
if command -v clang >/dev/null; then compilers="gcc clang"; else missing clang "apt-get install clang"; fi
unit=$(mktemp -d)
trap 'rm -rf "$unit"' EXIT
printf '#include "callkey.h"\nint main(void) { return callkey_status_name(CALLKEY_OK) == 0; }\n' >"$unit/header.c"
cp "$unit/header.c" "$unit/header.cc"
for compiler in $compilers; do
	for standard in c89 c99 c11; do
		"$compiler" -std=$standard -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only "$unit/header.c"
	done
	"$compiler" -x c++ -std=c++98 -pedantic -Wall -Wextra -Werror -Wno-long-long -Iinclude -fsyntax-only "$unit/header.cc"
done
pass "header: C89, C99, C11 and C++98, pedantic, with $compilers"
# shellcheck disable=SC2086 # one or two
holds sh capi/warnings.sh $compilers

holds go run ./tools/contract check
holds go run ./tools/contract exports $library
holds sh capi/glibc.sh $library
holds sh capi/tls.sh $library
holds sh capi/tls.sh build/debug/libcallkey.so.0
size=$(stat -L -c %s $library)
[ "$size" -le 10000000 ] || { echo "$library has $size bytes, more than 10 MB" >&2; exit 1; }
pass "size: $size bytes stripped"
if command -v abidiff >/dev/null; then
	holds go run ./tools/contract abi build/debug/libcallkey.so.0
else
	missing abidiff "apt-get install abigail-tools"
fi
holds go run ./tools/contract layout
holds go run ./tests/comparisons ./core/...
holds sh docs/tests.sh
holds sh tests/sanitizers/run.sh
holds go run ./supply check $library THIRD_PARTY.md
holds sh supply/sbom.sh $library
if command -v govulncheck >/dev/null; then
	holds sh supply/vulnerabilities.sh
else
	missing govulncheck "go install golang.org/x/vuln/cmd/govulncheck@v1.9.0"
fi
holds sh capi/reproduce.sh $library

# What the boundary lets through and leaves behind; each runs alone too.
for noun in residue output fork panic handles pages; do
	holds sh tests/boundary/$noun.sh
done

if [ $skipped -gt 0 ]; then echo "$passed passed, 0 failed, $skipped skipped"; else echo "$passed passed, 0 failed"; fi
