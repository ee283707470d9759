"""Test the wheels of `make wheels`, as far as this machine or an emulator can run them: python3 -m tests.wheels.run

Each wheel is unpacked into a folder with spaces and an emoji in its name, and the package's tests run from there.
Words select parts: files, here, older, arm64, windows. Ends with one line: N passed, N failed.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.debian import Lacking
from tests.python.dist import JUDGES
from tests.wheels import files, pythons
from tests.wheels.pythons import WORK, Python
from tools.script import BUILD, ROOT, Failed, Tally, compiler, expect, run, start
from tools.venv import venv
from tools.wheels import WHEELS, Wheel

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PACKAGE = ROOT / "bindings" / "python"
FOLDER = "callee's 📞 calls"
PYTHONS = {"here": pythons.here, "older": pythons.older, "arm64": pythons.arm64, "windows": pythons.windows}
# What a platform can change: the binding, buffers, files. The rest of the package is Python above these.
CORE = (
    *("vectors", "key", "offer", "session", "record", "prekey", "account", "epochs", "errors", "secret", "store"),
    *("answer", "machine"),
)
# How LibraryError spells the platform of a wheel.
SPELLED = {
    "manylinux_2_17_x86_64": "Linux on x86_64",
    "manylinux_2_17_aarch64": "Linux on aarch64",
    "macosx_12_0_arm64": "macOS on aarch64",
    "macosx_12_0_x86_64": "macOS on x86_64",
    "win_amd64": "Windows on x86_64",
}
TELL = """
import os, platform, sys, callkey
system = os.confstr("CS_GNU_LIBC_VERSION") if hasattr(os, "confstr") else platform.system()
print(platform.python_version(), system, platform.machine(), callkey.load(), sep="|")
callkey.selftest()
"""
OF_ANOTHER_ABI = "unsigned callkey_abi_version(void) { return 9u << 16 | 9u; }\n"


def folder(tag: str) -> Path:
    return WORK / tag / FOLDER


def unpack(wheel: Wheel, tools: Path) -> None:
    """As pip puts it into a folder for another platform."""
    shutil.rmtree(folder(wheel.tag), ignore_errors=True)
    pip = (tools, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    chosen = ("--only-binary", ":all:", "--platform", wheel.tag, "--target", folder(wheel.tag))
    run(*pip, *chosen, files.wheel_file(wheel), quiet=True)


def testers(tools: Path) -> Path:
    """pip and pytest, for any Python."""
    place = WORK / "pytest"
    mark, pins = place / "made-for", REQUIREMENTS.read_text(encoding="utf-8")
    if not mark.is_file() or mark.read_text(encoding="utf-8") != pins:
        shutil.rmtree(place, ignore_errors=True)
        pip = (tools, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
        pure = ("--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none")
        run(*pip, *pure, "--require-hashes", "--target", place, "-r", REQUIREMENTS, quiet=True)
        mark.write_text(pins, encoding="utf-8")
    return place


def installed(python: Python, name: str, tools: Path) -> Path:
    """pip takes the wheel there, so its tag is right."""
    place = WORK / name / FOLDER
    shutil.rmtree(place, ignore_errors=True)
    (wheel,) = [wheel for wheel in WHEELS if wheel.tag == python.tag]
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", python.seen(place))
    asked = python.ask([testers(tools)], "-m", "pip", "install", *options, python.seen(files.wheel_file(wheel)))
    expect(asked.returncode == 0, f"{python.title}: pip does not take {wheel.name}:\n{asked.stdout}")
    return place


def runs(python: Python, packages: Path, tools: Path) -> str:
    """The package's tests pass with the wheel; returns a line about it."""
    asked = python.ask([packages], "-c", TELL)
    lines = asked.stdout.splitlines()
    expect(asked.returncode == 0 and lines, f"{python.title}: exit status {asked.returncode}\n{asked.stdout}")
    version, system, machine, place = lines[-1].split("|")
    inside = python.seen(packages)
    expect(place.replace("\\", "/").startswith(inside.replace("\\", "/")), f"{place} was loaded, not that in {inside}")
    tests = [python.seen(PACKAGE / "tests" / f"test_{name}.py") for name in CORE]
    left_out = [f"--deselect=tests/{test}" for test in python.cannot]
    options = ("-q", "-p", "no:cacheprovider", "-m", "not slow", "-c", python.seen(PACKAGE / "pyproject.toml"))
    asked = python.ask([packages, testers(tools)], "-m", "pytest", *options, *left_out, *tests)
    last = (asked.stdout.splitlines() or [""])[-1]
    expect(asked.returncode == 0 and re.search(r"\d{2,} passed", last), f"{python.title}:\n{asked.stdout}")
    expect("skipped" not in last, f"{python.title}: {last}")
    return f"{python.title}: Python {version}, {system}, {machine}: {last}"


def refused(python: Python, packages: list[Path], says: str, *arguments: str) -> None:
    """Loading ends with this one error, and nothing else is printed after it."""
    program = "import sys, callkey; callkey.load(*sys.argv[1:])"
    asked = python.ask(packages, "-c", program, *arguments)
    last = (asked.stdout.splitlines() or [""])[-1]
    right = asked.returncode == 1 and re.fullmatch(f"callkey.errors.LibraryError: {says}", last)
    expect(right, f"{python.title}: not refused with {says!r}:\n{asked.stdout}")


def refuses_others(python: Python) -> None:
    """A wheel of another platform, which was put here by force or with a copy of a folder."""
    for wheel in WHEELS:
        if wheel.tag != python.tag:
            here, there = re.escape(SPELLED[python.tag]), re.escape(SPELLED[wheel.tag])
            says = f"it is for {there}, and this Python is for {here}; there are wheels for .*"
            refused(python, [folder(wheel.tag)], f"callkey can't load .*{re.escape(FOLDER)}.*: {says}")


def refuses_another_abi(python: Python) -> None:
    source, library = WORK / "abi.c", WORK / "another.so"
    source.write_text(OF_ANOTHER_ABI, encoding="utf-8")
    run(*compiler(), "-shared", "-fPIC", "-o", library, source)
    says = r".*another\.so has ABI version 9\.9; this package needs 0\.\d+ or a later 0\.x"
    refused(python, [folder(python.tag)], says, str(library))


def names_every_wheel() -> None:
    """LibraryError and the docs name what there are wheels for."""
    text = (PACKAGE / "src/callkey/_machine.py").read_text(encoding="utf-8")
    told = re.search(r'^WHEELS = "(.*)"$', text, re.MULTILINE)
    for wheel in WHEELS:
        system, machine = SPELLED[wheel.tag].split(" on ")
        glibc = re.search(r"manylinux_(\d+)_(\d+)", wheel.tag)
        mac = re.search(r"macosx_(\d+)_0", wheel.tag)
        oldest = f" with glibc {glibc[1]}.{glibc[2]} or later" if glibc else f" {mac[1]} or later" if mac else ""
        expect(
            told and re.search(rf"{system}{re.escape(oldest)}( and macOS [^,]*)? on ((?!, and ).)*{machine}", told[1]),
            f"_machine.py: WHEELS does not name {wheel.tag}",
        )


def main(chosen: list[str]) -> int:
    for name in chosen:
        if name not in PYTHONS and name != "files":
            raise Failed(f"there is no {name}, only files {' '.join(PYTHONS)}")
    WORK.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    tools = venv(BUILD / "python" / "judges", *JUDGES)
    for wheel in WHEELS:
        unpack(wheel, tools)
    if not chosen or "files" in chosen:
        for wheel in WHEELS:
            with tally.test(f"{wheel.name}: one library with the header's exports, and the tag is right"):
                files.judged(wheel, tools)
            with tally.test(f"{wheel.name}: the same bytes from another folder"):
                files.built_again(wheel)
        with tally.test("pip takes each wheel on its platform, and none on others"):
            files.taken(tools)
        with tally.test("LibraryError names every platform that has a wheel"):
            names_every_wheel()
    for name in [name for name in chosen if name in PYTHONS] or ([] if chosen else PYTHONS):
        try:
            python = PYTHONS[name]()
        except Lacking as lacking:
            status = lacking.status(0)
            (tally.skipped.append if status == 0 else tally.fail)(name)
            continue
        try:
            tally.hold(runs(python, installed(python, name, tools), tools))
        except Failed as failure:
            tally.fail(str(failure))
        with tally.test(f"{python.title}: a library of another platform is refused by name"):
            refuses_others(python)
        if name == "here":
            with tally.test(f"{python.title}: a library of another ABI version is refused"):
                refuses_another_abi(python)
    return tally.end()


if __name__ == "__main__":
    start(main)
