"""The release once more, from what its source tarball holds: in another folder, without git, with another umask,
another time zone and another language, and for one platform without anything compiled before.

Go's cache is shared for the others: what it has does not depend on the folder, or else the one platform differs. What
is linked is linked again.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import zipfile
from pathlib import Path

from tests.release.place import RELEASE, fresh, unpacked
from tools.release import source
from tools.release.page import SUMS
from tools.script import BUILD, Word, expect, run

OTHERWISE = {"TZ": "Pacific/Chatham", "LC_ALL": "C", "LANG": ""}
# What a make hands to the makes that it starts, and the compiler that the Makefile exports.
HANDED = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "CC")


def other_tree() -> Path:
    folder = fresh("another folder")
    archive = folder / "source.tar.gz"
    source.pack(archive)
    (folder / "of the tarball").mkdir()
    tree = unpacked(archive, folder / "of the tarball")
    (tree / "build").mkdir()
    # What is fetched, but not made, need not be fetched again.
    for name in ("zig", "go"):
        for fetched in BUILD.glob(f"{name}-*"):
            if fetched.is_dir():
                (tree / "build" / fetched.name).symlink_to(fetched)
    return tree


def in_it(tree: Path, *command: Word, env: dict[str, str]) -> str:
    """Run a command in the other tree, as if it were the only one."""
    without = [word for name in HANDED for word in ("-u", name)]
    shell = ("env", *without, "sh", "-c", 'umask 077; exec "$@"', "sh")
    return run(*shell, *command, cwd=tree, env={**OTHERWISE, **env})


def built(tree: Path, cold: list[str], names: list[str]) -> Path:
    """The second release. ``cold`` are the words of make for what is compiled from nothing."""
    if cold:
        cache = tree.parent / "cache"
        in_it(tree, "make", "-s", *cold, env={"GOCACHE": str(cache)})
        shutil.rmtree(cache)
    command = ("make", "-s", "release") if not names else ("python3", "-m", "tools.release", *names)
    in_it(tree, *command, env={})
    return tree / "build" / "release"


def sums(folder: Path) -> dict[str, str]:
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def members(file: Path) -> dict[str, str]:
    """What an archive holds, with all that says of it; a file that is none has one member."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            return {
                each.filename: f"{each.date_time} {each.external_attr:o} {each.create_system} {each.extra!r}"
                f" {hashlib.sha256(archive.read(each)).hexdigest()}"
                for each in archive.infolist()
            }
    if file.name.endswith(".tar.gz"):
        with tarfile.open(file) as archive:
            return {
                each.name: f"{each.mtime} {each.mode:o} {each.uid} {each.uname} {each.linkname}"
                f" {hashlib.sha256(content.read()).hexdigest() if (content := archive.extractfile(each)) else ''}"
                for each in archive
            }
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()}


def difference(first: Path, second: Path) -> str:
    """How two archives differ, for the reader of a failure."""
    one, other = members(first), members(second)
    differing = [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]
    lines = [f"  {name}: {one.get(name)} / {other.get(name)}" for name in differing[:10]]
    return "\n".join([f"{first.name} differs", *(lines or ["  in its order, or in how it is packed"])])


def twice(tree: Path, cold: list[str], names: list[str]) -> str:
    second = built(tree, cold, names)
    one, other = sums(RELEASE), sums(second)
    expect(one.keys() == other.keys(), f"the files differ: {sorted(one.keys() ^ other.keys())}")
    differing = [name for name in one if one[name] != other[name]]
    expect(not differing, "\n".join(difference(RELEASE / name, second / name) for name in differing))
    return f"{len(one)} files have the same SHA-256, built twice in two folders"
