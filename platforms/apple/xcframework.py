"""Builds the library for Apple's systems: python3 -m platforms.apple.xcframework [FOLDER], default build/apple. In it:

CCallKey.xcframework              static libraries for iOS, its simulator and macOS
CCallKey.xcframework.zip          what a Swift package's binaryTarget downloads
CCallKey.xcframework.zip.sha256   its checksum, as Package.swift wants it

Static, because an app that links one Go library needs no framework to embed and sign, and what it does not call is
left out. Needs a Mac with Xcode 15. DRY_RUN=1 prints the commands anywhere.
"""

from __future__ import annotations

import platform
from pathlib import Path

from tools.script import DRY_RUN, PYTHON, Failed, expect, run, start, step, usage

# The oldest that the Go runtime inside supports.
IOS = "ios13.0"
MACOS = "macos12.0"
# Folder, SDK, GOOS and the targets of one archive.
SYSTEMS = (
    ("ios", "iphoneos", "ios", (f"arm64-apple-{IOS}",)),
    ("ios-simulator", "iphonesimulator", "ios", (f"arm64-apple-{IOS}-simulator", f"x86_64-apple-{IOS}-simulator")),
    ("macos", "macosx", "darwin", (f"arm64-apple-{MACOS}", f"x86_64-apple-{MACOS}")),
)
ARCHITECTURES = {"arm64": "arm64", "x86_64": "amd64"}


def need_xcode() -> None:
    expect(platform.system() == "Darwin", "an xcframework is built on a Mac, with Xcode 15 or later")
    try:
        run("xcrun", "--sdk", "iphoneos", "--show-sdk-path", quiet=True)
    except Failed:
        raise Failed(
            'Xcode with the iOS SDK was not found: install it, then run "sudo xcode-select -s /Applications/Xcode.app"'
        ) from None


def archive(out: Path, folder: str, sdk: str, system: str, targets: tuple[str, ...]) -> Path:
    """One archive for all targets of a system."""
    parts = []
    for target in targets:
        part = out / target / "libcallkey.a"
        made_for = {
            "GOOS": system,
            "GOARCH": ARCHITECTURES[target.split("-")[0]],
            "CC": f"xcrun --sdk {sdk} clang -target {target}",
        }
        print(run(PYTHON, "-m", "tools.build", part, env=made_for), end="")
        parts.append(part)
    whole = out / folder / "libcallkey.a"
    step("mkdir", "-p", whole.parent)
    step("xcrun", "lipo", "-create", *parts, "-output", whole)
    return whole


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        usage(__doc__)
    if not DRY_RUN:
        need_xcode()
    out = Path(*arguments or ["build/apple"])
    archives = [archive(out, *system) for system in SYSTEMS]

    # In their own folder: Xcode copies every library's module.modulemap into one folder of the app.
    headers = out / "Headers"
    step("mkdir", "-p", headers / "CCallKey")
    step("cp", "include/callkey.h", "platforms/apple/module.modulemap", f"{headers}/CCallKey/")

    framework = out / "CCallKey.xcframework"
    packed = f"{framework}.zip"
    step("rm", "-rf", framework, packed)
    libraries = [word for library in archives for word in ("-library", library, "-headers", headers)]
    step("xcodebuild", "-create-xcframework", *libraries, "-output", framework)
    step("cp", "platforms/apple/PrivacyInfo.xcprivacy", "LICENSE", "THIRD_PARTY.md", f"{framework}/")
    step("ditto", "-c", "-k", "--keepParent", framework, packed)
    if DRY_RUN:
        step("shasum", "-a", "256", packed)
        return
    checksum = run("shasum", "-a", "256", packed).split()[0]
    Path(f"{packed}.sha256").write_text(f"{checksum}\n")
    print(f"{packed}, checksum {checksum}")


if __name__ == "__main__":
    start(main)
