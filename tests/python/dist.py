"""Test the wheel and the sdist of build/dist/: ``python3 -m tests.python.dist [ARGUMENT...]``.

As somebody has them who has no source tree: the wheel that is built from the unpacked sdist is the one that was built
from the tree, and passes the tests from a folder of its own in a new virtual environment. The last line is pytest's,
which gets the arguments.
"""

from __future__ import annotations

import filecmp
import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.dist import DIST, builder, made
from tools.script import BUILD, PYTHON, ROOT, Failed, Word, expect, run, start, words
from tools.terminal import SHARE
from tools.venv import venv
from tools.version import VERSION

PACKAGE = ROOT / "bindings" / "python"
JUDGES = ("build>=1.2", "auditwheel>=6", "hatchling>=1.27", "pyelftools>=0.29")
TESTS_NEED = ("pytest>=7", "av>=12", "dpkt>=1.9.8", "pylibsrtp>=0.12")
# The files of the source tree that the tests read.
READ = (
    *("bindings/python/tests", "bindings/python/demo", "examples/python", "testdata/vectors", "testdata/moves"),
    "testdata/captures",
    *("abi", "docs", "include"),
)
READ_FILES = ("bindings/python/README.md", "bindings/python/pyproject.toml", "README.md")


def same_tag(wheel: Path, tools: Path) -> None:
    """auditwheel reads the same ELF independently."""
    tag = wheel.stem.split("-")[-1]
    told = " ".join(run(tools / "python", "-m", "auditwheel", "show", wheel).split())
    expect(f'platform tag: "{tag}"' in told, f"auditwheel does not agree with the tag {tag}:\n{told}")
    print(f"tag: auditwheel agrees with {tag}", flush=True)


def same_wheel(wheel: Path, unpacked: Path, away: Path) -> None:
    build = (builder(), "-m", "build", "--no-isolation", "--wheel", "--outdir", away / "rebuilt", ".")
    run(*build, cwd=unpacked, quiet=True)
    again = away / "rebuilt" / wheel.name
    same = again.is_file() and filecmp.cmp(wheel, again, shallow=False)
    expect(same, "the wheel from the sdist is not the wheel from the tree")
    print("sdist: the wheel built from it is the wheel built from the tree, byte for byte", flush=True)


def refusals(unpacked: Path, tools: Path, away: Path) -> None:
    """The build with another PATH, and the error that it must print."""
    bare = away / "bare"
    bare.mkdir()
    for tool in ("sh", "env", "uname", "ldd"):
        (bare / tool).symlink_to(shutil.which(tool) or tool)
    environment = {name: value for name, value in os.environ.items() if name not in ("GO", "CC")}
    build = words(tools / "python", "-m", "build", "--no-isolation", "--wheel", "--outdir", away / "never", ".")

    def refused(pattern: str) -> None:
        done = subprocess.run(
            build,
            cwd=unpacked,
            env={**environment, "PATH": str(bare)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        expect(done.returncode != 0, f"a wheel was built without what it needs: {pattern}")
        expect(re.search(pattern, " ".join(done.stdout.split())), f"it does not say {pattern}:\n{done.stdout}")

    def go(version: str) -> None:
        (bare / "go").write_text(f"#!/bin/sh\necho go version go{version} linux/amd64\n", encoding="utf-8")
        (bare / "go").chmod(0o755)

    refused("needs Go 1.21 or later, and there is no 'go' on the path")
    go("1.19.8")
    refused("needs Go 1.21 or later, and .*/bare/go is 1.19")
    go("1.26.8")
    refused("needs a C compiler, and there is no 'cc' on the path")
    print("sdist: without Go, with an old one or without a C compiler the build says what to install", flush=True)


def no_musl(tools: Path, away: Path) -> None:
    """pip on a musl system: no wheel fits, so it never loads the library."""
    pip = (tools / "python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
    only = ("--no-index", "--find-links", DIST, "--only-binary", ":all:")
    musl = ("--platform", f"musllinux_1_2_{platform.machine()}", "-d", away / "musl", "callkey")
    done = subprocess.run(words(*pip, *only, *musl), stderr=subprocess.PIPE, text=True, check=False)
    expect(done.returncode != 0, "pip takes the wheel on musl")
    expect("No matching distribution found for callkey" in done.stderr, done.stderr)
    print("musl: pip finds no wheel that fits", flush=True)


def installed_as_the_readme_says(away: Path) -> Path:
    """The README's commands for a shell, with another home folder; returns the interpreter that they make.

    The home folder is for pip's command; Go's caches stay where they are.
    """
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.M | re.S))
    expect(re.search(r"^make wheel", commands, re.M), "the README does not say how to install the wheel")
    home, path = away / "home", away / "path"
    home.mkdir()
    path.mkdir()
    (path / "python3").symlink_to(shutil.which(PYTHON) or PYTHON)
    go = os.environ.get("GO") or "go"
    environment = {
        "HOME": str(home),
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **{name: run(go, "env", name).strip() for name in ("GOCACHE", "GOPATH")},
    }
    told = run("sh", "-eu", "-c", f"{commands}\ncallkey selftest", env=environment, quiet=True)
    found = re.search(r"^loaded from  (.*)", told, re.M)
    lib = f"{home}/callkey/lib/"
    expect(found and found[1].startswith(lib), f"the installed command does not load a library in {lib}:\n{told}")
    assert found
    print(f"wheel: installed as the README says, with its library at ~{found[1][len(str(home)) :]}", flush=True)
    for file in (file for file in SHARE.rglob("*") if file.is_file()):
        installed = home / "callkey" / "share" / file.relative_to(SHARE)
        same = installed.is_file() and filecmp.cmp(file, installed, shallow=False)
        expect(same, f"the wheel does not install {file.relative_to(ROOT)} below share/ beside the command")
    print("wheel: the man pages and the shell completion are installed beside the command", flush=True)
    return home / "callkey" / "bin" / "python"


def copied_tree(tree: Path) -> Path:
    """The package's tests with what they read, and no source; returns their folder."""
    for folder in READ:
        shutil.copytree(ROOT / folder, tree / folder)
    for file in READ_FILES:
        shutil.copy2(ROOT / file, tree / file)
    return tree / "bindings" / "python"


def main(arguments: list[str]) -> int:
    wheel, sdist = made("wheel"), made("sdist")
    if wheel is None or sdist is None:
        raise Failed(f"There is no wheel or sdist of {VERSION} in {DIST}; run 'make wheel sdist' first.")
    # One virtual environment builds and judges; the other one, which the README makes, has the wheel and nothing else.
    tools = venv(BUILD / "python" / "judges", *JUDGES).parent
    with tempfile.TemporaryDirectory() as name:
        away = Path(name)
        same_tag(wheel, tools)
        run("tar", "xzf", sdist, "-C", away)
        unpacked = away / f"callkey-{VERSION}"
        same_wheel(wheel, unpacked, away)
        refusals(unpacked, tools, away)
        no_musl(tools, away)
        python = installed_as_the_readme_says(away)
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
        run(*pip, f"{wheel}[srtp]", *TESTS_NEED, quiet=True)
        # The slow tests run in the tree (test-python), and with this wheel on other interpreters (test-pythons).
        # numpy takes longer to install than all of them.
        chosen = arguments or ["-m", "not slow", "--ignore", "tests/test_srtp_numpy.py"]
        pytest: tuple[Word, ...] = (python, "-m", "pytest", "-o", f"cache_dir={away / 'pytest'}", *chosen)
        return subprocess.run(words(*pytest), cwd=copied_tree(away / "tree"), check=False).returncode


if __name__ == "__main__":
    start(main)
