"""The Apple build as far as it goes without a Mac: what it says without one, the commands of a dry run, the header's
layout, the module map and the privacy manifest."""

from __future__ import annotations

import platform
import plistlib
import shlex
import shutil
import tempfile
from pathlib import Path

from tests.platforms.layout import lays_out
from tools.script import PYTHON, ROOT, Tally, expect, need, refused, run, start

BUILDS = (PYTHON, "-m", "platforms.apple.xcframework")
IOS = "arm64-apple-ios13.0"
# Each slice with its target, GOOS, GOARCH and SDK.
SLICES = {
    "iOS": (IOS, "ios", "arm64", "iphoneos"),
    "simulator on Apple silicon": (f"{IOS}-simulator", "ios", "arm64", "iphonesimulator"),
    "simulator on Intel": ("x86_64-apple-ios13.0-simulator", "ios", "amd64", "iphonesimulator"),
    "macOS on Apple silicon": ("arm64-apple-macos12.0", "darwin", "arm64", "macosx"),
    "macOS on Intel": ("x86_64-apple-macos12.0", "darwin", "amd64", "macosx"),
}
APP = """\
#pragma clang module import CCallKey
#pragma clang module import COther
callkey_store store = OTHER;
size_t size(void) { return callkey_key_bytes() + CALLKEY_KEY_BYTES; }
"""
USED = {
    "NSPrivacyAccessedAPICategoryFileTimestamp": ["C617.1"],
    "NSPrivacyAccessedAPICategoryDiskSpace": ["E174.1"],
    "NSPrivacyAccessedAPICategorySystemBootTime": ["35F9.1"],
}


def dry_run(tally: Tally, out: Path) -> None:
    commands = [shlex.split(line) for line in run(*BUILDS, out, env={"DRY_RUN": "1"}).splitlines()]
    archives = [command for command in commands if "-buildmode=c-archive" in command]
    for name, (target, system, architecture, sdk) in SLICES.items():
        with tally.test(f"{name}: the commands"):
            compiler = ["xcrun", "--sdk", sdk, "clang", "-target", target]
            wanted = {f"GOOS={system}", f"GOARCH={architecture}", f"CC={' '.join(compiler)}"}
            expect(any(wanted <= set(command) for command in archives), f"no build with {wanted}")
            links = [c for c in commands if c[:7] == [*compiler, "-r"] and "-exported_symbols_list," in " ".join(c)]
            expect(len(links) == 1, f"{target}: {links}")
            packs = [c for c in commands if c[-4:-1] == ["ar", "cr", str(out / target / "libcallkey.a")]]
            expect(len(packs) == 1, f"{target}: {packs}")
    with tally.test("no other system is built"):
        expect(len(archives) == len(SLICES), f"{len(archives)} builds")
    with tally.test("one archive per system, and headers with each"):
        expect(sum(c[1:3] == ["lipo", "-create"] for c in commands) == 3, "not three archives")
        [create] = [c for c in commands if c[:2] == ["xcodebuild", "-create-xcframework"]]
        parts = [
            word
            for system in ("ios", "ios-simulator", "macos")
            for word in ("-library", str(out / system / "libcallkey.a"), "-headers", str(out / "Headers"))
        ]
        expect(create[2:-2] == parts and create[-2] == "-output", f"{create}")
    with tally.test("the privacy manifest, the licences, a zip and its checksum"):
        framework = out / "CCallKey.xcframework"
        for command in (
            f"cp platforms/apple/PrivacyInfo.xcprivacy LICENSE THIRD_PARTY.md {framework}/",
            f"ditto -c -k --keepParent {framework} {framework}.zip",
            f"shasum -a 256 {framework}.zip",
        ):
            expect(command.split() in commands, f"no {command}")
    with tally.test("a dry run makes nothing"):
        expect(not out.exists(), f"{out} was made")


def find_the_module(work: Path) -> None:
    """Two libraries in one app: Xcode copies the headers of all into one folder."""
    headers = work / "Headers"
    for name in ("CCallKey", "COther"):
        (headers / name).mkdir(parents=True)
    for file in ("include/callkey.h", "platforms/apple/module.modulemap"):
        shutil.copy(ROOT / file, headers / "CCallKey")
    (headers / "COther" / "module.modulemap").write_text('module COther { header "other.h" }\n')
    (headers / "COther" / "other.h").write_text("#define OTHER 1\n")
    app = work / "app.c"
    app.write_text(APP)
    run(
        *("clang", "-target", IOS, "-fmodules", f"-fmodules-cache-path={work / 'cache'}", "-ffreestanding"),
        *(f"-I{headers}", "-Wall", "-Werror", "-fsyntax-only", str(app)),
        quiet=True,
    )


def look_into_the_manifest() -> None:
    manifest = plistlib.loads((ROOT / "platforms/apple/PrivacyInfo.xcprivacy").read_bytes())
    expect(manifest["NSPrivacyTracking"] is False, "it tracks")
    expect(manifest["NSPrivacyTrackingDomains"] == [] and manifest["NSPrivacyCollectedDataTypes"] == [], "it collects")
    used = {
        row["NSPrivacyAccessedAPIType"]: row["NSPrivacyAccessedAPITypeReasons"]
        for row in manifest["NSPrivacyAccessedAPITypes"]
    }
    expect(used == USED, f"it declares {used}")


def main(_: list[str]) -> int:
    need("clang", "clang")
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if platform.system() != "Darwin":
            with tally.test("without a Mac it says that it needs one, and makes nothing"):
                refused("on a Mac, with Xcode", *BUILDS, work / "none")
                expect(not (work / "none").exists(), "it made something")
        dry_run(tally, work / "dry")
        for target, *_ in SLICES.values():
            lays_out(tally, target)
        with tally.test("the module is found beside another's, and is complete"):
            find_the_module(work)
        with tally.test("the privacy manifest declares what is used, with Apple's reasons"):
            look_into_the_manifest()
    return tally.end()


if __name__ == "__main__":
    start(main)
