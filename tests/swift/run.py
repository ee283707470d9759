"""Test the Swift package against the built library: ``python3 -m tests.swift.run [ARGUMENT...]``.

Its format, an app with the sessions in the README and in examples/swift, what must not compile, and at the end the
tests, whose own line comes last. Arguments go to `swift test`.

The toolchain is that of toolchain.py. If there is none, SWIFT=get and CI make Debian's root; it takes 3 GB and two
minutes, and needs root. What is up to date is not built again, and steps that wait for no other run side by side.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import re
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tests.debian import Lacking
from tests.swift.toolchain import PREFIX, WORK, Toolchain, toolchain
from tools.script import ROOT, Failed, expect, run, sources, start
from tools.version import VERSION

PACKAGE = Path("bindings/swift")
CATALOG = PACKAGE / "Sources/CallKey/CallKey.docc"
EXAMPLE = Path("examples/swift/FirstCall")
BUILT = WORK.relative_to(ROOT)
SNIPPETS = re.compile(r"^```swift\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# The tests that are optimised, and what they use.
IN_USE = ("InUseTests.swift", "Pair.swift", "Status.swift")
# What SwiftPM takes the package from by URL.
REPOSITORY = WORK / "libcallkey"
# The README's package, and beside its app what else is optimised: the package is compiled once for all of them.
APP = WORK / "app"
BESIDE = """
let callKey: Target.Dependency = .product(name: "CallKey", package: "libcallkey")
package.targets += [
    .executableTarget(name: "FirstCall", dependencies: [callKey]),
    .testTarget(name: "InUse", dependencies: [callKey], path: "Tests/CallKeyTests", sources: [%s]),
]
"""
LINKS = {"Sources/FirstCall": EXAMPLE / "Sources/FirstCall", "Tests": PACKAGE / "Tests"}

# The code around the documentation's session, so that it compiles.
BEFORE = """import CallKey
protocol Engine { func send(with key: UnsafeRawBufferPointer); func receive(with key: UnsafeRawBufferPointer) }
func session(
    store: Store, devices: [String], options: OfferOptions, ownJID: String, device: String, engine: Engine
) throws {
"""
AFTER = "_ = offer }\n"


def install_library() -> None:
    """The library as it is installed, so that what is tested is what an app finds.

    A file that is the same stays as it was: a new one would be a reason to build everything again.
    """
    staged = WORK / "staged"
    shutil.rmtree(staged, ignore_errors=True)
    run("make", "--no-print-directory", "-s", "install", f"PREFIX={PREFIX}", f"DESTDIR={staged}")
    new = Path(f"{staged}{PREFIX}")
    for there in sorted(each for each in PREFIX.rglob("*") if not each.is_dir()):
        if not (new / there.relative_to(PREFIX)).exists():
            there.unlink()
    for file in sorted(each for each in new.rglob("*") if not each.is_dir()):
        there = PREFIX / file.relative_to(new)
        if there.exists() and filecmp.cmp(file, there, shallow=False):
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        there.unlink(missing_ok=True)
        shutil.copy2(file, there, follow_symlinks=False)


def write(file: Path, text: str) -> None:
    """Write a file unless it already has this content."""
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def drop_what_is_stale(swift: Toolchain) -> None:
    """What SwiftPM builds belongs to one toolchain and one place, and it overlooks new files of a package that another
    depends on. For other ones, everything is built anew."""
    names = "\n".join(sources(str(PACKAGE), str(EXAMPLE)))
    made_for = f"{swift.version} in {swift.tree}\n{names}"
    mark = WORK / "made-for"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != made_for:
        for folder in ("app", "package"):
            shutil.rmtree(WORK / folder, ignore_errors=True)
        write(mark, made_for)


def lint(swift: Toolchain) -> str:
    swift.run("format", "swift", "format", "lint", "--strict", "--recursive", PACKAGE, "examples/swift")
    return "swift format: nothing"


def publish() -> bool:
    """Makes a repository of the package's files with the version as its tag, unless it has them already."""
    digest = hashlib.sha256()
    files = sources("Package.swift", str(PACKAGE), "include")
    for file in files:
        digest.update(file.encode() + b"\0" + hashlib.sha256((ROOT / file).read_bytes()).digest())
    mark = REPOSITORY.with_suffix(".made-from")
    if mark.is_file() and mark.read_text(encoding="utf-8") == digest.hexdigest():
        return False
    shutil.rmtree(REPOSITORY, ignore_errors=True)
    for file in files:
        (REPOSITORY / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, REPOSITORY / file)
    named = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    git = ("git", "-C", REPOSITORY)
    run(*git, "init", "--quiet")
    run(*git, "add", "--all", "--force")
    run(*git, *named, "commit", "--quiet", "--message", f"Version {VERSION}")
    run(*git, *named, "tag", VERSION)
    write(mark, digest.hexdigest())
    return True


def app(swift: Toolchain) -> str:
    """The README's sessions, like a reader would use them: its package file, with a repository's URL, and its code as
    main.swift. And examples/swift and the tests of secrets in use. All is optimised like a released app: the compiler
    has other failures then, and the optimiser influences when a secret's life ends. Warnings are errors."""
    snippets = SNIPPETS.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    expect(len(snippets) == 2, "README.md: not two Swift snippets")
    url = "https://example.org/libcallkey.git"
    expect(snippets[0].count(url) == 1, "README.md: its Package.swift does not name the repository")
    published = f"file://{swift.tree / REPOSITORY.relative_to(ROOT)}"
    if publish():
        shutil.rmtree(APP, ignore_errors=True)
    beside = BESIDE % ", ".join(f'"{name}"' for name in IN_USE)
    write(APP / "Package.swift", snippets[0].replace(url, published) + beside)
    write(APP / "Sources/App/main.swift", snippets[1])
    for name, there in LINKS.items():
        link = APP / name
        if not link.is_symlink():
            link.symlink_to(os.path.relpath(ROOT / there, link.parent))
    # Other places for what SwiftPM remembers of a URL: there this version may be another commit.
    kept = ("--cache-path", BUILT / "app/cache", "--security-path", BUILT / "app/security")
    paths = ("--package-path", BUILT / "app", "--scratch-path", BUILT / "app/build", *kept, "-c", "release")
    swift.run("app", "swift", "build", *paths, "--build-tests", "-Xswiftc", "-warnings-as-errors")
    told = swift.run("App", BUILT / "app/build/release/App")
    expect('<enc v="2"' in told, f"README.md: its Swift session printed no offer:\n{told}")
    swift.run("FirstCall", BUILT / "app/build/release/FirstCall")
    told = swift.run("in-use", "swift", "test", *paths, "--skip-build", "--disable-xctest")
    expect(re.search(r"Test run with [1-9]\d* tests passed", told), told)
    return "optimised: the README's session and examples/swift run, no secret in use is wiped under a call"


def manifest(swift: Toolchain) -> str:
    """The example's own package file finds the package in the tree, and its product."""
    swift.run(
        "manifest",
        *("swift", "package", "--package-path", EXAMPLE, "--scratch-path", BUILT / "example"),
        "show-dependencies",
    )
    return "examples/swift: its package file holds"


# The app's build has the modules.
MODULES = (
    *("-I", str(BUILT / "app/build/release/Modules")),
    *("-Xcc", f"-fmodule-map-file={PACKAGE / 'Sources/CCallKey/module.modulemap'}"),
)
COMPILE = ("swiftc", "-swift-version", "6", "-emit-sil", "-o", "/dev/null", *MODULES)


def documentation(swift: Toolchain) -> str:
    """Every link has a target, every parameter is described, the session compiles."""
    for folder in ("symbols", "docs"):
        shutil.rmtree(WORK / folder, ignore_errors=True)
    (WORK / "symbols").mkdir()
    target = json.loads(swift.run("target", "swift", "-print-target-info"))["target"]["triple"]
    extract = ("swift", "symbolgraph-extract", "-module-name", "CallKey", "-minimum-access-level", "public")
    swift.run("symbols", *extract, "-target", target, "-output-dir", BUILT / "symbols", *MODULES)
    convert = (swift.docc(), "convert", CATALOG, "--warnings-as-errors", "--output-path", BUILT / "docs")
    named = ("--fallback-display-name", "CallKey", "--fallback-bundle-identifier", "CallKey")
    swift.run("docs", *convert, "--additional-symbol-graph-dir", BUILT / "symbols", *named)
    session = "".join(SNIPPETS.findall((ROOT / CATALOG / "CallKey.md").read_text(encoding="utf-8")))
    write(WORK / "session.swift", f"{BEFORE}{session}{AFTER}")
    swift.run("session", *COMPILE, BUILT / "session.swift")
    return "documentation: docc finds nothing, its session compiles"


def refusals(swift: Toolchain) -> str:
    """Files that must not compile, each for the reason in its first line."""
    files = sorted((ROOT / PACKAGE / "Tests/Refused").glob("*.swift"))
    expect(files, "bindings/swift/Tests/Refused: no file")
    for file in files:
        reason = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("// ")
        told = swift.run("refused", *COMPILE, file.relative_to(ROOT), status=1)
        expect(f"error: {reason}" in told, f"{file.relative_to(ROOT)}: not refused for: {reason}\n{told}")
    return "bindings/swift/Tests/Refused: does not compile"


def tests(swift: Toolchain, arguments: list[str]) -> str:
    """The last line is that of `swift test`. Of a failure, the lines of all that held are left out."""
    paths = ("--package-path", PACKAGE, "--scratch-path", BUILT / "package", "--disable-xctest")
    flags = ("-Xswiftc", "-warnings-as-errors", "-debug-info-format", "none")
    try:
        last = swift.run("test", "swift", "test", *paths, *flags, *arguments).splitlines()[-1]
    except Failed as failure:
        held = re.compile(r" started\.$| passed after |^. Passing ")
        raise Failed("\n".join(line for line in str(failure).splitlines() if not held.search(line))) from None
    expect(" passed after " in last, (WORK / "test.log").read_text(encoding="utf-8")[-4000:])
    return last


def main(arguments: list[str]) -> int:
    try:
        swift = toolchain()
    except Lacking as lacking:
        return lacking.status(0)
    install_library()
    drop_what_is_stale(swift)
    with ThreadPoolExecutor(2) as pool:
        last = pool.submit(tests, swift, arguments)
        steps: list[Future[str]] = [pool.submit(step, swift) for step in (lint, manifest, app)]
        # These read what the app's build has made.
        steps[-1].exception()
        steps += [pool.submit(step, swift) for step in (documentation, refusals)]
        for each in [*steps, last]:
            print(each.result(), flush=True)
    return 0


if __name__ == "__main__":
    start(main)
