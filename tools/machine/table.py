"""The only list of the targets' needs and of the Debian packages for them."""

from __future__ import annotations

import os
import shlex
from typing import NamedTuple


class Need(NamedTuple):
    """One row.

    ``probe`` is a command; a file, as a pattern that starts with a slash; or ``import NAME`` for a module of the
    Python that runs this. ``packages`` is empty if none is known. If a row with ``must`` is missing, a target fails;
    if another one is missing, a test is skipped.
    """

    probe: str
    packages: str
    targets: str = ""  # none: every target
    must: bool = False


class Checker(NamedTuple):
    """A command from a Go module, in the version that the project uses."""

    command: str
    package: str
    version: str
    targets: str


RELEASE = "release test-release"
EMULATED = f"check test-arm64 test-mte test-hwasan test-platforms {RELEASE}"
# What compiles the Kotlin package.
JAVA = f"test-kotlin kotlin jar test-jar android test-platforms docs test-docs {RELEASE}"
# What `make test` does not run: the targets that only `make test-full` runs, and those that neither does.
OF_FULL = {
    *("test-pythons", "test-windows", "test-386", "test-platforms", "test-jar", "test-macos", "test-wheels"),
    *("test-mte", "test-full"),
}
APART = {
    *("test-machine", "test-peers", "test-counterpart", "test-engines", "test-postgres", "test-docs", "test-release"),
    "test-hwasan",
}
# The targets that need the Go from PyPI.
FETCHED_GO = "go"

TABLE = (
    Need("/usr/include/stdio.h", "libc6-dev", must=True),
    Need("/etc/ssl/certs/ca-certificates.crt", "ca-certificates", must=True),
    Need(
        "import ensurepip",
        "python3-venv",
        f"{FETCHED_GO} quick check cost test-vectors test-python test-pythons test-media test-postgres test-engines"
        f" test-dist wheel sdist soak docs test-docs test-kotlin test-jar {RELEASE}",
        must=True,
    ),
    Need("c++", "g++", "quick test-c test-media test-install check sanitizers cost", must=True),
    Need("gcc", "gcc", "check", must=True),
    Need("git", "git", "check cost test-release", must=True),
    Need("node", "nodejs", "test-counterpart test-peers test-postgres"),
    Need("npm", "npm", "test-counterpart test-peers test-postgres"),
    Need("/usr/lib/postgresql/*/bin/initdb", "postgresql", "test-postgres"),
    Need("/usr/lib/*/libprofiler.so.0", "libgoogle-perftools-dev", "test-host"),
    Need("javac", "default-jdk-headless", f"test-host check {JAVA}"),
    Need("mvn", "maven", JAVA),
    Need("pypy3", "pypy3 pypy3-venv", "test-pythons"),
    Need(
        "mmdebstrap",
        "mmdebstrap",
        "test-jar test-wheels test-machine test-pythons test-swift test-windows test-peers fuzz-peers test-engines docs"
        " test-docs test-release",
    ),
    Need("debootstrap", "debootstrap", "test-wheels"),
    Need("pkg-config", "pkg-config", "test-libsrtp test-media demo-media test-install test-engines test-release"),
    Need("/usr/include/srtp2/srtp.h", "libsrtp2-dev", "test-libsrtp test-media demo-media test-peers test-engines"),
    Need("ffmpeg", "ffmpeg", "test-engines"),
    Need("/usr/include/gstreamer-1.0/gst/gst.h", "libgstreamer1.0-dev", "test-engines"),
    Need("/usr/lib/*/gstreamer-1.0/libgstsrtp.so", "gstreamer1.0-plugins-bad", "test-engines"),
    Need("/usr/include/re/re.h", "libre-dev", "test-engines"),
    Need("/usr/include/opus/opus.h", "libopus-dev", "test-media demo-media"),
    Need("cmake", "cmake", "test-install test-release"),
    Need("doxygen", "doxygen", "docs test-docs", must=True),
    Need("chromium", "chromium", "test-docs"),
    Need("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu", f"jar test-jar {EMULATED}"),
    Need("/usr/aarch64-linux-gnu/include/stdio.h", "libc6-dev-arm64-cross", f"jar test-jar {EMULATED}"),
    Need("qemu-aarch64-static", "qemu-user-static", f"test-jar {EMULATED}"),
    Need("i686-linux-gnu-gcc", "gcc-i686-linux-gnu", f"test-386 {RELEASE}"),
    Need("/usr/i686-linux-gnu/include/stdio.h", "libc6-dev-i386-cross", f"test-386 {RELEASE}"),
    Need("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64", f"jar test-jar test-windows check {RELEASE}"),
    Need("llvm-dlltool", "llvm", f"test-windows {RELEASE}"),
    Need("lld", "lld", f"jar test-jar test-macos test-platforms wheels test-wheels {RELEASE}"),
    Need("musl-gcc", "musl-tools", "test-musl"),
    Need("clang", "clang", "check test-platforms"),
    Need("shellcheck", "shellcheck", "check"),
    Need("groff", "groff-base", "check"),
    Need("mandoc", "mandoc", "check"),
    Need("zsh", "zsh", "check"),
    Need("fish", "fish", "check"),
    Need("strace", "strace", "check"),
    Need("valgrind", "valgrind", "check sanitizers"),
    Need("abidw", "abigail-tools", "check abi"),
)

CHECKERS = (
    Checker("staticcheck", "honnef.co/go/tools/cmd/staticcheck", "v0.8.2", "check"),
    Checker("govulncheck", "golang.org/x/vuln/cmd/govulncheck", "v1.9.0", "check"),
)


def used(targets: str, wanted: list[str]) -> bool:
    """Whether a row's targets are among the wanted ones. ``faults`` and ``gate`` are every test and check."""
    if "gate" in wanted:
        wanted = [*wanted, "faults", "cost", "bot", "fuzz"]
    every, full = "faults" in wanted, "test-full" in wanted
    for target in targets.split():
        if target.startswith("test-"):
            of = every or (full and target not in APART) or ("test" in wanted and target not in APART | OF_FULL)
        else:
            of = every and target == "check"
        if of or target in wanted:
            return True
    return not targets


def needs(wanted: list[str]) -> list[Need]:
    """The rows for some targets, the C compiler, from CC, first."""
    compiler = (shlex.split(os.environ.get("CC", "")) or ["cc"])[0]
    known = {"cc": "gcc", **{row.probe: row.packages for row in TABLE}}
    first = Need(compiler, known.get(compiler, ""), must=True)
    return [first, *(row for row in TABLE if row.probe != compiler and used(row.targets, wanted))]
