"""The library for C and C++: header, library, pkg-config and CMake files, licences and bill of materials, as ``make
install`` puts them into PREFIX, in one folder."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Callable

from platforms.install.install import install
from tools.release.pack import below, tar_gz, zipped
from tools.script import BUILD, expect, go_run
from tools.version import VERSION

BILL = Path("share/doc/callkey/callkey.cdx.json")


def packed(platform: str, library: str) -> Callable[[Path], None]:
    """``library`` is its place in build/."""

    def pack(folder: Path) -> None:
        name = f"libcallkey-{VERSION}-{platform}"
        built = BUILD / library
        with tempfile.TemporaryDirectory(dir=BUILD) as work:
            prefix = Path(work, name)
            install(built, prefix)
            go_run("./supply", "sbom", built, prefix / BILL)
            if library.endswith(".dll"):
                # A release is for Microsoft's linker too.
                expect((prefix / "lib/callkey.lib").is_file(), "callkey.lib was not made: that needs llvm-dlltool")
                zipped(folder / f"{name}.zip", below(prefix, name))
            else:
                tar_gz(folder / f"{name}.tar.gz", below(prefix, name))

    return pack
