"""make test-musl: the library in programs with musl. The C tests run with the static archive, in fully static programs,
and with the shared library, in programs that are linked to it. Loading it later is impossible and must fail with the
text in docs/platforms.md."""

from __future__ import annotations

import re

from tests import library
from tests.c import run as c
from tests.program import Compiler, ended
from tools.script import BUILD, Failed, go_run, need, run, start
from tools.version import LIBRARY, SONAME

BUILT = BUILD / "musl"
MUSL = {"CC": "musl-gcc"}


def main(_: list[str]) -> None:
    need("musl-gcc", "musl-tools")
    archive, shared = BUILT / "static/libcallkey.a", BUILT / SONAME
    for made in (archive, shared):
        library.current(made, env=MUSL)
        print(go_run("./tools/contract", "exports", made), end="")
    c.passes(archive, cc=["musl-gcc", "-static"])
    c.passes(shared, cc=["musl-gcc"])

    compiler = Compiler(BUILT, "-std=c11", "-g", cc=["musl-gcc"])
    identity = compiler.program("identity", ["tests/musl/identity.c"], archive, "-static")
    # Only a few of many runs catch a thread in the wrong place.
    lines = [ended(identity, limit=300).told() for _ in range(12)]
    print(f"identity: 12 times {lines[-1]}")

    loader = compiler.program("loaded", ["tests/musl/loaded.c"])

    def hears(loaded: object, text: str) -> None:
        """Loading it must fail with this text."""
        end = ended(loader, str(loaded), limit=60)
        if end.status == 0 or text not in end.said:
            raise end.failure(f"it does not fail with {text!r}")
        print(f"loading: {text}")

    hears(shared, f"initial-exec TLS resolves to dynamic definition in {shared}")
    # A library for glibc does not find glibc.
    library.current(LIBRARY)
    needed = re.search(r"NEEDED.*\[(ld-linux.*)\]", run("readelf", "-d", LIBRARY))
    if needed is None:
        raise Failed(f"{LIBRARY} needs no dynamic linker of glibc's")
    hears(LIBRARY, f"Error loading shared library {needed[1]}: No such file or directory")


if __name__ == "__main__":
    start(main)
