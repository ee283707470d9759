"""Compiles the library for iOS and links it with a stub of libSystem, without a Mac.

python3 -m tests.platforms.ios [NAME...]    ios, the default; or simulator: that on Intel, where libSystem differs

zig has headers of macOS, which Apple's systems share. What is linked here is not what `make xcframework` makes: that is
one object, which only Apple's linker can make. But it is of the same sources with the same flags, so it shows that they
compile, that every name is there, and that nothing but libSystem is needed.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from platforms.apple import check
from platforms.apple.macho import Image
from tools import zig
from tools.build import APPLE, APPLE_NAMES, MAC_LINKER, Build, apple_names, exports, recipe
from tools.script import BUILD, Tally, expect, need, run, start, usage, words

# Zig's name of each target, GOARCH, the name and number of the platform.
SLICES = {
    "ios": ("aarch64-ios.13.0", "arm64", "ios", 2),
    "simulator": ("x86_64-ios.13.0-simulator", "amd64", "ios-simulator", 7),
}
OLDEST = (13, 0, 0)


def compiled(work: Path, target: str, architecture: str) -> list[Path]:
    """The objects of an archive as Go makes it."""
    headers = zig.zig().parent / "lib" / "libc" / "include" / "any-darwin-any"
    os.environ.update(GOOS="ios", GOARCH=architecture, CC=f"{zig.cc(target)} -isystem {headers}")
    how = recipe(["release"], work)
    archive, parts = work / "all.a", work / "parts"
    Build(archive, how, work).compile("c-archive", archive)
    parts.mkdir()
    run("ar", "x", f"--output={parts}", archive)
    return sorted(parts.iterdir())


def links(work: Path, library: Path, objects: list[Path], architecture: str, platform: str) -> None:
    oldest = check.dotted(OLDEST)
    library.parent.mkdir(parents=True, exist_ok=True)
    run(
        *words(
            *MAC_LINKER, "-dylib", "-arch", APPLE_NAMES[architecture], "-platform_version", platform, oldest, oldest
        ),
        *words("-exported_symbols_list", apple_names(work, exports()), "-o", library),
        *words(*objects, f"-L{APPLE}", "-lSystem"),
    )


def main(arguments: list[str]) -> int:
    names = arguments or ["ios"]
    if not SLICES.keys() >= set(names):
        usage(__doc__)
    need(MAC_LINKER[0], "lld")
    tally = Tally()
    for name in names:
        target, architecture, platform, number = SLICES[name]
        with tempfile.TemporaryDirectory() as folder, tally.test(f"{name}: compiles, and needs only libSystem"):
            library = BUILD / "ios" / target / "libcallkey.dylib"
            links(Path(folder), library, compiled(Path(folder), target, architecture), architecture, platform)
            image = Image(library)
            expect(image.build_version()[:2] == (number, OLDEST), f"{name}: it is for {image.build_version()}")
            for each in (check.exports, check.imports, check.segments):
                print(each(image))
    return tally.end()


if __name__ == "__main__":
    start(main)
