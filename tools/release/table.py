"""The files of a release, one row each."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import Callable

from tools.release import source
from tools.release.artefact import Artefact, Step
from tools.release.library import packed
from tools.script import BUILD, ROOT, Failed
from tools.version import DYLIB, SONAME, VERSION


def library(system: str, architecture: str, name: str) -> Step:
    platform = f"{system}-{architecture}"
    return Step(platform, (f"GOOS={system}", f"GOARCH={architecture}", f"build/{platform}/{name}"))


STEPS = (
    Step("archive", ("archive",)),
    Step("linux-amd64", (f"build/{SONAME}",)),
    library("linux", "arm64", SONAME),
    library("linux", "386", SONAME),
    library("windows", "amd64", "callkey.dll"),
    library("darwin", "arm64", DYLIB),
    library("darwin", "amd64", DYLIB),
    Step("wheels", ("wheels",)),
    # Go compiles what a library has only once.
    Step("jar", ("jar",), after=("archive", "linux-arm64", "windows-amd64", "darwin-arm64", "darwin-amd64")),
    Step("sdist", ("sdist",)),
    Step("android", ("android",)),
)


def copied(place: str) -> Callable[[Path], None]:
    """What a step has built in build/; of several that fit the pattern, the newest."""

    def pack(folder: Path) -> None:
        found = max(BUILD.glob(place), key=lambda file: file.stat().st_mtime, default=None)
        if found is None:
            raise Failed(f"there is no build/{place}")
        shutil.copyfile(found, folder / found.name)

    return pack


def ndk() -> str:
    """A folder that names itself an NDK: the stand-in of our tests, which makes nothing for a phone, does not."""
    home = os.environ.get("ANDROID_NDK_HOME")
    if not home:
        return "an Android NDK, as ANDROID_NDK_HOME"
    if not Path(home, "source.properties").is_file():
        raise Failed(f"ANDROID_NDK_HOME: {home} is no NDK, it has no source.properties")
    return ""


def mac() -> str:
    """The zip comes from a Mac, and must be of these sources."""
    brought = os.environ.get("XCFRAMEWORK")
    if not brought:
        return "a Mac with Xcode: `make xcframework` builds it there, and `make release XCFRAMEWORK=FILE` takes it"
    if not zipfile.is_zipfile(brought):
        raise Failed(f"XCFRAMEWORK: {brought} is no zip of `make xcframework`")
    with zipfile.ZipFile(brought) as archive:
        headers = [archive.read(name) for name in archive.namelist() if name.endswith("/callkey.h")]
    if not headers or set(headers) != {(ROOT / "include/callkey.h").read_bytes()}:
        raise Failed(f"XCFRAMEWORK: {brought} does not have this callkey.h, so it was built of other sources")
    return ""


def xcframework(folder: Path) -> None:
    shutil.copyfile(os.environ["XCFRAMEWORK"], folder / "CCallKey.xcframework.zip")


UNPACK = "Unpack it anywhere; set `PKG_CONFIG_PATH` to its `lib/pkgconfig`, or `CMAKE_PREFIX_PATH` to its folder."
NO_MAC = "nothing: **nothing of it was ever run**, there was no Mac. `make test-wheels` reads it"
BUILT_WITH = "C with pkg-config and with CMake is built with it, in a folder with spaces, and runs"

TABLE = (
    Artefact(
        "source",
        f"libcallkey-{VERSION}.tar.gz",
        "who builds the library, packages it for a system, or changes it",
        "`make demo`, `make lib`, `make install`; README.md has the rest.",
        "it is unpacked elsewhere, `make release` there gives these files again, and `make demo` runs",
        (),
        lambda folder: source.pack(folder / f"libcallkey-{VERSION}.tar.gz"),
    ),
    Artefact(
        "linux-amd64",
        f"libcallkey-{VERSION}-linux-amd64.tar.gz",
        "C, C++ and Swift on Linux, amd64, glibc 2.34 or later",
        UNPACK,
        f"{BUILT_WITH}; so does a program in Swift",
        ("linux-amd64",),
        packed("linux-amd64", SONAME),
    ),
    Artefact(
        "linux-amd64-static",
        f"libcallkey-{VERSION}-linux-amd64-static.tar.gz",
        "C and C++ programs on Linux, amd64, that have the library inside",
        UNPACK,
        BUILT_WITH,
        ("archive",),
        packed("linux-amd64-static", "static/libcallkey.a"),
    ),
    Artefact(
        "linux-arm64",
        f"libcallkey-{VERSION}-linux-arm64.tar.gz",
        "C, C++ and Swift on Linux, arm64, glibc 2.34 or later",
        UNPACK,
        f"{BUILT_WITH} under QEMU",
        ("linux-arm64",),
        packed("linux-arm64", f"linux-arm64/{SONAME}"),
    ),
    Artefact(
        "linux-386",
        f"libcallkey-{VERSION}-linux-386.tar.gz",
        "C and C++ on Linux, 32-bit x86, glibc 2.34 or later",
        UNPACK,
        BUILT_WITH,
        ("linux-386",),
        packed("linux-386", f"linux-386/{SONAME}"),
    ),
    Artefact(
        "windows-amd64",
        f"libcallkey-{VERSION}-windows-amd64.zip",
        "C and C++ on Windows, amd64: MinGW and Microsoft's compiler",
        f"{UNPACK} Put `bin/callkey.dll` beside the program.",
        f"{BUILT_WITH} under Wine",
        ("windows-amd64",),
        packed("windows-amd64", "windows-amd64/callkey.dll"),
    ),
    *(
        Artefact(
            f"darwin-{architecture}",
            f"libcallkey-{VERSION}-darwin-{architecture}.tar.gz",
            f"C and C++ on macOS 12 or later, {processor}",
            UNPACK,
            "a program in C is built with it by pkg-config. **Nothing of it was ever run**: there was no Mac",
            (f"darwin-{architecture}",),
            packed(f"darwin-{architecture}", f"darwin-{architecture}/{DYLIB}"),
        )
        for architecture, processor in (("arm64", "Apple's processors"), ("amd64", "Intel's processors"))
    ),
    *(
        Artefact(
            f"wheel-{platform}",
            f"callkey-{VERSION}-py3-none-{tag}.whl",
            f"Python 3.9 or later on {reader}",
            "`pip install FILE`; the command is `callkey`.",
            tried,
            ("wheels",),
            copied(f"dist/callkey-{VERSION}-py3-none-{tag}.whl"),
        )
        for platform, tag, reader, tried in (
            (
                "linux-amd64",
                "manylinux_2_17_x86_64",
                "Linux, amd64, glibc 2.17 or later",
                "it is installed in a new virtual environment; `callkey selftest` and the README's session run",
            ),
            (
                "linux-arm64",
                "manylinux_2_17_aarch64",
                "Linux, arm64, glibc 2.17 or later",
                "the README's session runs with it under QEMU",
            ),
            ("windows-amd64", "win_amd64", "Windows, amd64", "the README's session runs with it under Wine"),
            *(
                (f"darwin-{architecture}", f"macosx_12_0_{machine}", f"macOS 12 or later, {processor}", NO_MAC)
                for architecture, machine, processor in (
                    ("arm64", "arm64", "Apple's processors"),
                    ("amd64", "x86_64", "Intel's processors"),
                )
            ),
        )
    ),
    Artefact(
        "sdist",
        f"callkey-{VERSION}.tar.gz",
        "Python where no wheel fits: pip builds the library, with Go 1.21 or later and a C compiler",
        "`pip install FILE`",
        "the same as with the wheel, after pip has built it",
        ("sdist",),
        copied(f"dist/callkey-{VERSION}.tar.gz"),
    ),
    Artefact(
        "jar",
        f"callkey-{VERSION}.jar",
        "Kotlin and Java 11 or later: Linux, amd64 and arm64, glibc 2.34 or later; Windows, amd64; macOS 12 or later, "
        "arm64 and amd64",
        "On the class path, with `kotlin-stdlib`.",
        "the README's session in Java is compiled with it, and runs on Linux, amd64; `make test-jar` tries the others, "
        "but it only reads the libraries for macOS: **they never ran on a Mac**",
        ("jar",),
        copied(f"kotlin/callkey-{VERSION}.jar"),
    ),
    Artefact(
        "pom",
        f"callkey-{VERSION}.pom",
        "a repository for Maven and Gradle that has the jar",
        "Put it beside the jar; it names `kotlin-stdlib`.",
        "it has this version and what the jar needs",
        ("jar",),
        copied(f"kotlin/callkey-{VERSION}.pom"),
    ),
    Artefact(
        "jar-sources",
        f"callkey-{VERSION}-sources.jar",
        "who reads the Kotlin package in an editor",
        "Attach it to the jar.",
        "it has each file of the package",
        ("jar",),
        copied(f"kotlin/callkey-{VERSION}-sources.jar"),
    ),
    Artefact(
        "jar-javadoc",
        f"callkey-{VERSION}-javadoc.jar",
        "who reads the reference of the Kotlin package in an editor, as Java declares it",
        "Attach it to the jar.",
        "it has a page for each class of the jar that is public",
        ("jar",),
        copied(f"kotlin/callkey-{VERSION}-javadoc.jar"),
    ),
    Artefact(
        "aar",
        f"callkey-android-{VERSION}.aar",
        "Android 7 or later: Kotlin, Java, and C by prefab",
        "In Gradle's `dependencies`; CMake finds `callkey::callkey`.",
        "nothing: no phone and no emulator",
        ("android",),
        copied(f"android/callkey-android-{VERSION}.aar"),
        ndk,
    ),
    Artefact(
        "aar-pom",
        f"callkey-android-{VERSION}.pom",
        "a repository for Gradle that has the AAR",
        "Put it beside the AAR; it names `kotlin-stdlib`.",
        "nothing",
        ("android",),
        copied(f"android/callkey-android-{VERSION}.pom"),
        ndk,
    ),
    Artefact(
        "xcframework",
        "CCallKey.xcframework.zip",
        "Swift and C on iOS and macOS",
        "The `binaryTarget` of a Swift package, with its checksum.",
        "nothing: no Apple device",
        (),
        xcframework,
        mac,
    ),
)


def rows(names: list[str]) -> list[Artefact]:
    """The rows of these names, or all."""
    known = {row.name: row for row in TABLE}
    for name in names:
        if name not in known:
            raise Failed(f"a release has no {name}; it has {' '.join(known)}")
    return [row for row in TABLE if not names or row.name in names]
