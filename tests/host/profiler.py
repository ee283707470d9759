"""gperftools' profiler in a C host, by processor time at 100 and 1,000 Hz and by real time at 1,000 Hz: it samples the
calls and writes the profile, and every answer is right."""

from __future__ import annotations

import re

from tests.host.guests import Guest
from tests.host.noun import Noun
from tools.script import Failed, run, skip

# Each host prints the number of samples on stderr.
SAMPLES = re.compile(r"^PROFILE: interrupts/evictions/bytes = (\d+)/", re.MULTILINE)


def profiler(noun: Noun) -> str:
    cache = run("ldconfig", "-p", env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
    found = re.search(r"libprofiler\.so\.0 .* => (.*)", cache)
    if found is None:
        skip("gperftools' profiler", "apt-get install libgoogle-perftools-dev")
    guest = Guest(noun, "profiled.c")
    ends = []
    for name, clock in (
        ("slow", {"CPUPROFILE_FREQUENCY": "100"}),
        ("fast", {"CPUPROFILE_FREQUENCY": "1000"}),
        ("real", {"CPUPROFILE_FREQUENCY": "1000", "CPUPROFILE_REALTIME": "1"}),
    ):
        loaded = {"LD_PRELOAD": found[1], "CPUPROFILE": str(noun.out / f"{name}.profile")}
        ends += guest.repeat(env={**loaded, **clock})
    samples = [int(count) for end in ends for count in SAMPLES.findall(end.stderr)]
    if len(samples) != len(ends) or 0 in samples:
        raise Failed(f"not every host has a profile: {samples} samples of {len(ends)} hosts")
    return (
        f"{len(ends)} hosts under gperftools' profiler at 100 and 1,000 Hz, {sum(samples)} samples:"
        " every answer is right"
    )
