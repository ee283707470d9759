#!/bin/sh
# Looks up every test that a page names, and that no row of a table of tests is without one.
#
# A test is a name in backticks: TestName, FuzzName or BenchmarkName of Go, with … for all that
# begin so; test_name of Python; or a file. A row that has none says "no test:" and why.
set -eu
cd "$(dirname "$0")/.."
pages="README.md SECURITY.md docs/*.md"

sources=$(mktemp)
trap 'rm -f "$sources"' EXIT
git ls-files '*_test.go' | xargs grep -hoE '^func (Test|Fuzz|Benchmark)[A-Za-z0-9_]+\(' >"$sources"
git ls-files '*/test_*.py' | xargs grep -hoE '^ *(async )?def test_[a-z0-9_]+\(' | sed 's/.*def //' >>"$sources"

named=0
unknown=0
# shellcheck disable=SC2016,SC2086 # backticks of Markdown; a list of files
for test in $(grep -ohE '`((Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9_]*…?|test_[a-z0-9_]+)`' $pages | tr -d '`' | sort -u); do
	named=$((named + 1))
	case $test in
	*…) pattern="^func ${test%…}" ;;
	test_*) pattern="^$test(" ;;
	*) pattern="^func $test(" ;;
	esac
	grep -q "$pattern" "$sources" || { echo "no test is named $test" >&2; unknown=1; }
done
# shellcheck disable=SC2016,SC2086 # backticks of Markdown; a list of files
for file in $(grep -ohE '`(abi|bindings|capi|core|docs|examples|supply|tests|testdata)/[A-Za-z0-9_./-]+\.[a-z]+`' $pages | tr -d '`' | sort -u); do
	named=$((named + 1))
	[ -e "$file" ] || { echo "there is no $file" >&2; unknown=1; }
done

# shellcheck disable=SC2086 # a list of files
rows=$(awk -F'|' '
	!/^\|/ { inside = 0; next }
	inside == 0 { inside = 1; tests = $(NF - 1) ~ /^ tests? $/; next }
	/^\|[-|]*$/ { next }
	tests && $(NF - 1) !~ /`(Test|Fuzz|Benchmark|test_|tests\/|bindings\/python\/test)|^ no test: / {
		print FILENAME ":" FNR ": a sentence without a test:" $0 >"/dev/stderr"; bad = 1
	}
	tests { rows++ }
	END { print rows + 0; exit bad }
' $pages) || unknown=1
if [ "$unknown" != 0 ] || [ "$named" -lt 50 ] || [ "$rows" -lt 20 ]; then
	echo "$named tests and files and $rows rows were looked up" >&2
	exit 1
fi
echo "docs: $named tests and files that the pages name exist, $rows sentences of tables have one or say why not"
