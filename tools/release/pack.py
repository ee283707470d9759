"""Archives with the same bytes wherever, whenever and by whomever they are made.

The files come in the order of their names, belong to nobody, have one time, and modes that depend on nothing but
whether they are executable.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.script import Failed

DEFAULT_TIME = 1580601600
"""That of wheels and sdists: 2020-02-02."""
OLDEST_IN_ZIP = 315532800
"""A zip has no time before 1980."""


def when() -> int:
    """The time of all files, in seconds since 1970: SOURCE_DATE_EPOCH of the environment, if it has one."""
    text = os.environ.get("SOURCE_DATE_EPOCH") or str(DEFAULT_TIME)
    if not text.isascii() or not text.isdigit() or not OLDEST_IN_ZIP <= int(text) < 1 << 32:
        raise Failed(f"SOURCE_DATE_EPOCH: is {text!r}, not the seconds since 1970 of a time between 1980 and 2106")
    return int(text)


def below(folder: Path, name: str) -> dict[str, Path]:
    """The files and links in a folder, by their names in an archive in which the folder has this name."""
    inside = (file for file in folder.rglob("*") if file.is_symlink() or not file.is_dir())
    return {f"{name}/{file.relative_to(folder).as_posix()}": file for file in inside}


def mode(file: Path) -> int:
    return 0o755 if file.stat().st_mode & 0o100 else 0o644


def tar_gz(to: Path, files: Mapping[str, Path]) -> None:
    """Links stay links."""
    # Without a file name and a time in gzip's header.
    with to.open("wb") as out, gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for name, file in sorted(files.items()):
                entry = tarfile.TarInfo(name)
                entry.mtime = when()
                if file.is_symlink():
                    entry.type, entry.mode, entry.linkname = tarfile.SYMTYPE, 0o777, os.readlink(file)
                    archive.addfile(entry)
                else:
                    entry.mode, entry.size = mode(file), file.stat().st_size
                    with file.open("rb") as content:
                        archive.addfile(entry, content)


def zipped(to: Path, files: Mapping[str, Path]) -> None:
    year, month, day, hour, minute, second, *_ = time.gmtime(when())
    with zipfile.ZipFile(to, "w") as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (year, month, day, hour, minute, second))
            entry.create_system = 3  # Unix, wherever it is made: modes
            entry.external_attr = (0o100000 | mode(file)) << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
