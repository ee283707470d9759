"""Builds the library for Linux on another processor and runs the C tests with it:

python3 -m tests.platforms.linux arm64   under QEMU
python3 -m tests.platforms.linux 386     a 32-bit one, as two of Android's are, which an amd64 processor runs by itself

More arguments are the C tests to run, or residue for the search for secrets, and nothing else; by default all, after
the checks of every library and, for arm64, the Go tests of what has assembly of our own.
"""

from __future__ import annotations

import os

from tests.platforms.library import build, judge, run_tests, show
from tools.script import BUILD, GO, PYTHON, need, run, start, usage
from tools.version import SONAME

ARM64, I386 = "aarch64-linux-gnu", "i686-linux-gnu"
LOADER = f"/usr/{I386}/lib"
# The compiler, Debian's packages of it, and the command that runs its programs.
PROCESSORS = {
    "arm64": (
        f"{ARM64}-gcc",
        "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
        f"qemu-aarch64-static -L /usr/{ARM64}",
    ),
    "386": (
        f"{I386}-gcc",
        "gcc-i686-linux-gnu libc6-dev-i386-cross",
        f"{LOADER}/ld-linux.so.2 --library-path {LOADER}",
    ),
}

ASSEMBLY = ("./core/aes", "./core/kdf/...", "./core/secret/internal/registers")
# They start themselves once more, which an emulated program can't.
AGAIN = "^(TestNothingIsLeft|TestFrameIsCleared|TestGCMStateIsCleared|TestTurnedOff|TestWithoutInstructions)$"


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] not in PROCESSORS:
        usage(__doc__)
    architecture, *names = arguments
    compiler, packages, runner = PROCESSORS[architecture]
    need(compiler, packages)
    if architecture == "arm64":
        need("qemu-aarch64-static", "qemu-user-static")
    os.environ["RUNNER"] = runner
    library = BUILD / f"linux-{architecture}" / SONAME
    build(library, GOOS="linux", GOARCH=architecture, CC=compiler)
    if not names:
        judge(library)
        if architecture == "arm64":
            plain = ("test", "-vet=off", "-exec", runner, "-skip", AGAIN)
            print(run(GO, *plain, *ASSEMBLY, env={"CGO_ENABLED": "0"}), end="", flush=True)
        show(PYTHON, "-m", "tools.tls", library)
    run_tests(library, *names)


if __name__ == "__main__":
    start(main)
