#!/bin/sh
# make ctime: the t-value of every comparison of secrets, and of a leaky one as control.
#
# Ends with 1 if the control is not found or a comparison of ours reaches |t| 10 in three runs
# out of three. SAMPLES sets how many inputs each run takes. Use it on an idle machine.
set -eu
cd "$(dirname "$0")/../.."
samples=${SAMPLES:-200000}
times=$(mktemp)
trap 'rm -f "$times"' EXIT

# The runtime does not erase here, as in any go test: that takes time of its own.
${GO:-go} test -tags sqlite_omit_load_extension -run '^$' -bench '^BenchmarkTiming' -benchtime "${samples}x" -count 3 \
	./tests/ctime ./core/signal ./core/envelope ./core/epoch ./core/derive ./core/store >"$times" || { cat "$times" >&2; exit 1; }
awk -v samples="$samples" '
	/^BenchmarkTiming/ {
		name = $1; sub(/^BenchmarkTiming/, "", name); sub(/-[0-9]+$/, "", name)
		for (i = 2; i < NF; i++) if ($(i + 1) == "|t|") t = $i
		if (!(name in least)) { order[++n] = name; least[name] = t }
		if (t < least[name]) least[name] = t
		all[name] = all[name] sprintf("%10.1f", t)
	}
	END {
		printf "%-14s %10s%10s%10s   |t| of %d samples each\n", "", "run 1", "run 2", "run 3", samples
		for (i = 1; i <= n; i++) {
			name = order[i]
			verdict = least[name] < 10 ? "nothing found" : "DEPENDS ON THE SECRET"
			if (name == "Control") verdict = least[name] > 10 ? "leaks, as it must" : "NOT FOUND: no result counts"
			if ((name == "Control") != (least[name] > 10)) bad = 1
			printf "%-14s %s   %s\n", name, all[name], verdict
		}
		exit bad || n < 2
	}' "$times"
