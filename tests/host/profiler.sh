#!/bin/sh
# gperftools' profiler in a C host, by processor time at 100 and at 1,000 Hz and by real time at 1,000:
# it samples the calls, every answer is right, and the profile is written.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/host/guest/compile.sh
. tests/host/guest/compile.sh
profiler=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n 's/.*libprofiler\.so\.0 .* => //p' | head -n 1)
if [ -z "$profiler" ]; then
	echo 'skipped: needs gperftools'\'' profiler, get it with "apt-get install libgoogle-perftools-dev"' >&2
	exit 0
fi
guest
host profiled tests/host/profiled.c

# Each host says on stderr how many samples its profile has.
# profile NAME FREQUENCY REALTIME
profile() {
	for program in profiled profiled-linked; do
		printf '#!/bin/sh\nexec env LD_PRELOAD=%s CPUPROFILE=%s.profile CPUPROFILE_FREQUENCY=%s%s %s "$@"\n' \
			"$profiler" "$out/$1" "$2" "$3" "$out/$program" >"$out/${program#profiled}$1"
		chmod +x "$out/${program#profiled}$1"
	done
	mv "$out/-linked$1" "$out/$1-linked"
	repeat "$1" 2>>"$out/said"
}
: >"$out/said"
profile slow 100 ""
profile fast 1000 ""
profile real 1000 " CPUPROFILE_REALTIME=1"
samples=$(sed -n 's|^PROFILE: interrupts/evictions/bytes = \([0-9]*\)/.*|\1|p' "$out/said")
[ "$(echo "$samples" | grep -c '^[1-9]')" = "$runs" ] || { cat "$out/said"; echo "not every host has a profile"; exit 1; }
echo "profiler: $runs hosts under gperftools' profiler at 100 and 1,000 Hz, $(echo "$samples" | awk '{ n += $1 } END { print n }') samples: every answer is right"
