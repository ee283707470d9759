"""make test-without-libsignal: the library of `make lib WITHOUT_LIBSIGNAL=1` links nothing of go.mau.fi/libsignal, for
any platform, and is otherwise the same: its exports, the C tests, the Go tests of the packages that differ.

It reads no JSON of that library: callkey_session_import and callkey_record_merge are UNSUPPORTED.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests import library
from tests.platforms.library import show
from tests.program import Compiler, ended
from tools.script import BUILD, GO, PYTHON, expect, go_run, run, start
from tools.version import LIBRARY, SONAME

MODULE = "go.mau.fi/libsignal"
BUILT = BUILD / "without-libsignal"
SWITCH = {"WITHOUT_LIBSIGNAL": "1"}
DEFAULT = {"WITHOUT_LIBSIGNAL": "0"}
BLIND = "this test is blind"
# A file of each kind, for a platform of each kind.
FILES = (
    ("linux", "amd64", SONAME),
    ("linux", "386", SONAME),
    ("linux", "arm64", "libcallkey.a"),
    ("android", "arm64", "libcallkey.so"),
    ("windows", "amd64", "callkey.dll"),
    ("darwin", "arm64", "libcallkey.a"),
    ("ios", "arm64", "libcallkey.a"),
)
TAGS = re.compile(r"-tags '?(\S*?)'? ")
REFUSED = "session record is the Go Signal library's JSON, which a build without that library does not read"
# The seconds of core/curve's comparisons go into other inputs, which `make test-go` has.
PACKAGES = {
    "core/session": [],
    "core/signal": [],
    "core/curve": ["-run", "Sign|Verif|CheckAll|NothingIsLeft", "-inputs", "500"],
}


def linked(system: str, architecture: str, name: str, env: dict[str, str]) -> list[str]:
    """The packages of the module that a build links."""
    target = {"GOOS": system, "GOARCH": architecture, "CGO_ENABLED": "1", **env}
    commands = run(PYTHON, "-m", "tools.build", BUILT / name, env={**target, "DRY_RUN": "1"})
    found = TAGS.search(commands)
    expect(found, f"tools.build prints no tags for {system}/{architecture}: {commands}")
    assert found
    packages = run(GO, "list", "-deps", "-tags", found[1], "./capi", env=target).split()
    expect("libcallkey/core/session" in packages, f"go list for {system}/{architecture} lacks core/session")
    return [package for package in packages if f"{package}/".startswith(f"{MODULE}/")]


def packages() -> None:
    expect(linked(*FILES[0], DEFAULT), f"the default build links no package of {MODULE}: {BLIND}")
    for system, architecture, name in FILES:
        found = linked(system, architecture, name, SWITCH)
        expect(not found, f"{name} for {system}/{architecture} links {' '.join(found)}")
    print(f"packages: no {MODULE} in {len(FILES)} builds")


def contents(built: Path) -> None:
    """The names of all packages of a Go program are in its file."""
    expect(MODULE.encode() in LIBRARY.read_bytes(), f"{LIBRARY.name} does not name {MODULE}: {BLIND}")
    expect(MODULE.encode() not in built.read_bytes(), f"{built} names {MODULE}")
    print(f"contents: {built.stat().st_size} bytes, {LIBRARY.stat().st_size - built.stat().st_size} fewer")


def json(built: Path) -> None:
    for linked_to, status, text in (
        (built, "CALLKEY_ERR_UNSUPPORTED", REFUSED),
        (LIBRARY, "CALLKEY_ERR_MALFORMED", "session record has no session"),
    ):
        program = Compiler(linked_to.parent / "json", "-std=c99").program(
            "json", ["tests/without_libsignal/json.c"], linked_to
        )
        lines = ended(program, limit=60).told().splitlines()
        expect(len(lines) == 2, f"json with {linked_to} prints {len(lines)} lines")
        for line, call in zip(lines, ("import", "merge")):
            expect(line.startswith(f"{call}: {status}: ") and text in line, f"with {linked_to}: {line}")
    print("json: UNSUPPORTED, and read by the default build")


def main(_: list[str]) -> None:
    built = library.current(BUILT / SONAME, env=SWITCH)
    packages()
    contents(built)
    print(go_run("./tools/contract", "exports", built), end="", flush=True)
    json(built)
    for package, flags in PACKAGES.items():
        run_short = (PYTHON, "-m", "tools.gotest", "-as-library", "-vet=off", "-short")
        print(run(*run_short, f"./{package}", *flags, env=SWITCH), end="", flush=True)
    show(PYTHON, "-m", "tests.c.run", built)


if __name__ == "__main__":
    start(main)
