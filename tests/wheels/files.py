"""What stands in a wheel, and where pip takes it."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from tools.dist import DIST, builder
from tools.reproduce import copy_sources
from tools.script import BUILD, PYTHON, ROOT, expect, go_run, run, words
from tools.wheels import WHEELS, Wheel

WORK = BUILD / "wheels"
# A platform that pip knows, and the wheel that it takes there.
TAKEN = {
    "manylinux_2_17_x86_64": "manylinux_2_17_x86_64",
    "manylinux_2_17_aarch64": "manylinux_2_17_aarch64",
    "macosx_12_0_arm64": "macosx_12_0_arm64",
    "macosx_15_0_arm64": "macosx_12_0_arm64",
    "macosx_12_0_x86_64": "macosx_12_0_x86_64",
    "win_amd64": "win_amd64",
    "manylinux_2_12_x86_64": "",
    "manylinux_2_17_i686": "",
    "musllinux_1_2_x86_64": "",
    "musllinux_1_2_aarch64": "",
    "macosx_11_0_arm64": "",
    "macosx_11_0_x86_64": "",
    "win32": "",
    "win_arm64": "",
}


def wheel_file(wheel: Wheel) -> Path:
    return DIST / wheel.name


def library_of(wheel: Wheel) -> Path:
    """The library inside, taken out. There is no other one, and its exports are the header's."""
    with zipfile.ZipFile(wheel_file(wheel)) as packed:
        inside = [name for name in packed.namelist() if re.search(r"\.(so|dll|dylib|pyd)\b", name)]
        expect(inside == [wheel.library], f"{wheel.name} has {inside}, not {wheel.library}")
        expect("callkey/THIRD_PARTY.md" in packed.namelist(), f"{wheel.name} has no licences of others")
        out = WORK / wheel.tag
        packed.extract(wheel.library, out)
    return out / wheel.library


def judged(wheel: Wheel, tools: Path) -> None:
    library = library_of(wheel)
    go_run("./tools/contract", "exports", library)
    if wheel.platform[0] == "linux":
        # Another reader of ELF.
        told = " ".join(run(tools, "-m", "auditwheel", "show", wheel_file(wheel)).split())
        expect(f'platform tag: "{wheel.tag}"' in told, f"auditwheel does not agree with {wheel.tag}:\n{told}")
    elif wheel.platform[0] == "darwin":
        run(PYTHON, "-m", "platforms.apple.check", library)
    else:
        needed = set(re.findall(r"DLL Name: (\S+)", run("x86_64-w64-mingw32-objdump", "-p", library)))
        expect(needed == {"KERNEL32.dll", "msvcrt.dll"}, f"{wheel.library} needs {sorted(needed)}")


def built_again(wheel: Wheel) -> None:
    """From a copy of the sources in another folder: the same bytes."""
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        tree, out = Path(name, "some where", "else"), Path(name, "dist")
        copy_sources(tree)
        ignored = shutil.ignore_patterns("__pycache__", ".*", "dist", "tests")
        shutil.copytree(ROOT / "bindings" / "python", tree / "bindings" / "python", ignore=ignored)
        shutil.copy2(ROOT / "THIRD_PARTY.md", tree)
        command = (builder(), "-m", "build", "--no-isolation", "--wheel", "--outdir", out, tree / "bindings" / "python")
        run(*command, env=wheel.settings(), quiet=True)
        same = (out / wheel.name).is_file() and filecmp.cmp(out / wheel.name, wheel_file(wheel), shallow=False)
        expect(same, f"{wheel.name}, built from another folder, is another file; there is {os.listdir(out)}")


def taken(tools: Path) -> None:
    """The wheel that pip takes on each platform, or none."""
    for platform, tag in TAKEN.items():
        with tempfile.TemporaryDirectory() as folder:
            pip = (tools, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
            chosen = ("--only-binary", ":all:", "--python-version", "3.9", "--platform", platform)
            command = words(*pip, *chosen, "--find-links", DIST, "--dest", folder, "callkey")
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            wanted = [wheel.name for wheel in WHEELS if wheel.tag == tag]
            expect(os.listdir(folder) == wanted, f"on {platform} pip takes {os.listdir(folder)}, not {wanted}")
            expect(wanted or "No matching distribution found" in done.stderr, done.stderr)
