"""The library's archive for Linux, used by a package in Swift that takes ours by a repository's URL and a version, as
the README says. The repository has the files of the source tarball."""

from __future__ import annotations

import re
from pathlib import Path

from tests.release.place import RELEASE, WORK, fresh, unpacked
from tests.swift.toolchain import toolchain
from tools.release.source import TOP
from tools.script import ROOT, Word, expect, run
from tools.version import VERSION

SNIPPETS = re.compile(r"^```swift\n(.*?)^```$", re.MULTILINE | re.DOTALL)
URL = "https://example.org/libcallkey.git"


def repository(folder: Path) -> Path:
    """The source tarball as a repository, with the version as its tag."""
    tree = unpacked(RELEASE / f"{TOP}.tar.gz", folder).rename(folder / "libcallkey")
    named = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    git: tuple[Word, ...] = ("git", "-C", tree)
    run(*git, "init", "--quiet")
    run(*git, "add", "--all")
    run(*git, *named, "commit", "--quiet", "--message", f"Version {VERSION}")
    run(*git, *named, "tag", VERSION)
    return tree


def use(archive: Path) -> str:
    swift = toolchain()
    work = fresh("Swift")

    def seen(file: Path) -> Path:
        """A file as the compiler sees it, which may be in a root of its own."""
        return swift.tree / file.relative_to(ROOT)

    # SwiftPM splits what callkey.pc says at spaces.
    library = WORK / "library"
    for folder in (library, work / "repository"):
        folder.mkdir()
    prefix = unpacked(archive, library)
    published = repository(work / "repository")
    manifest, program = SNIPPETS.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    expect(manifest.count(URL) == 1, "README.md: its Package.swift does not name the repository")
    (work / "app/Sources/App").mkdir(parents=True)
    (work / "app/Package.swift").write_text(manifest.replace(URL, f"file://{seen(published)}"), encoding="utf-8")
    (work / "app/Sources/App/main.swift").write_text(program, encoding="utf-8")
    # Other places for what SwiftPM remembers of a URL.
    kept = ("--cache-path", seen(WORK / "swift-cache"), "--security-path", seen(WORK / "swift-security"))
    found = f"PKG_CONFIG_PATH={seen(prefix)}/lib/pkgconfig", f"LD_LIBRARY_PATH={seen(prefix)}/lib"
    app = seen(work / "app")
    told = swift.run("release", "env", *found, "swift", "run", "--package-path", app, *kept, "App")
    expect('<enc v="2"' in told, f"README.md: its Swift session printed no offer:\n{told}")
    return "SwiftPM takes the sources by a URL and a version; the README's session runs with the library"
