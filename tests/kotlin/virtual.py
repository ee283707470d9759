"""Virtual threads, which Java has from 21 on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.kotlin.runtimes import java
from tools.jar import BUILT
from tools.script import expect

# Fewer carriers than threads, so that they take turns.
CARRIERS = "-Djdk.virtualThreadScheduler.parallelism=2"
SAYS = re.compile(r"(256 virtual threads, (\d+) of them on more than one carrier)\n")


def check(library: Path) -> str:
    place = library.resolve().parent
    path = ":".join(map(str, [BUILT / "classes", BUILT / "test-classes", *(BUILT / "needs").glob("*.jar")]))
    options = (CARRIERS, "-Xcheck:jni", f"-Dcallkey.library.path={place}")
    command = [*java(place.name), *options, "-cp", path, "callkey.Virtual"]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, text=True, timeout=600, check=False, **both)
    found = SAYS.search(done.stdout)
    expect(done.returncode == 0 and found, f"virtual threads:\n{done.stdout[-4000:]}")
    assert found
    # Otherwise the test would say nothing of an error's text.
    expect(int(found[2]) > 0, "no virtual thread ever changed its carrier")
    return found[1]
