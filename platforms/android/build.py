"""Builds the library for Android: python3 -m platforms.android.build [FOLDER], default build/android. In it:

callkey-android-VERSION.aar   for Gradle: the Kotlin package, the library, and what CMake's find_package(callkey) finds
callkey-android-VERSION.pom   what Gradle needs to know of it
jniLibs/ABI/libcallkey.so     for the src/main/jniLibs of an app without the AAR
symbols/ABI/libcallkey.so     the same code with symbols, for crash reports
include/callkey.h

The library has the functions of callkey.h and those that the Kotlin package calls. ANDROID_NDK_HOME is the folder of an
NDK; a JDK and Maven are needed too. ABIS chooses fewer than all four. DRY_RUN=1 prints the commands and needs no NDK.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from tools.script import DRY_RUN, PYTHON, Failed, expect, run, start, step, usage
from tools.version import VERSION

API = 24
# The names of the NDK and of Go for an ABI.
TARGETS = {
    "arm64-v8a": ("aarch64-linux-android", "arm64"),
    "armeabi-v7a": ("armv7a-linux-androideabi", "arm"),
    "x86": ("i686-linux-android", "386"),
    "x86_64": ("x86_64-linux-android", "amd64"),
}
GET_AN_NDK = """ANDROID_NDK_HOME is not set. Get an NDK with Android Studio or with
  sdkmanager "ndk;27.2.12479018"
and set ANDROID_NDK_HOME to its folder."""


def compilers(abis: list[str]) -> dict[str, str]:
    """Each ABI's compiler."""
    for abi in abis:
        expect(abi in TARGETS, f"ABIS: there is no ABI {abi}")
    ndk = os.environ.get("ANDROID_NDK_HOME") or ("ANDROID_NDK_HOME" if DRY_RUN else "")
    if not ndk:
        raise Failed(GET_AN_NDK)
    # NDKs for Macs are named after Intel's too, and run on either.
    host = "darwin-x86_64" if platform.system() == "Darwin" else "linux-x86_64"
    found = {}
    for abi in abis:
        compiler = f"{ndk}/toolchains/llvm/prebuilt/{host}/bin/{TARGETS[abi][0]}{API}-clang"
        expect(DRY_RUN or os.access(compiler, os.X_OK), f"{ndk} is no NDK for API {API}: it has no {compiler}")
        found[abi] = compiler
    return found


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        usage(__doc__)
    out = Path(*arguments or ["build/android"])
    abis = (os.environ.get("ABIS") or " ".join(TARGETS)).split()
    for abi, compiler in compilers(abis).items():
        target = {"GOOS": "android", "GOARCH": TARGETS[abi][1], "CC": compiler}
        library = out / "jniLibs" / abi / "libcallkey.so"
        print(run(PYTHON, "-m", "tools.build", library, env=target), end="")
        print(run(PYTHON, "-m", "tools.build", out / "symbols" / abi / "libcallkey.so", "debug", env=target), end="")
        step(PYTHON, "-m", "platforms.android.check", library)
    step("mkdir", "-p", out / "include")
    step("cp", "include/callkey.h", out / "include" / "callkey.h")
    step(PYTHON, "-m", "tools.jar", "--classes", "--out", out / "kotlin")
    step(PYTHON, "-m", "platforms.android.aar", out, VERSION, str(API), *abis)


if __name__ == "__main__":
    start(main)
