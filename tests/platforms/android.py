"""The Android build as far as it goes without an NDK: what it says without one, the commands of a dry run, and all of
it for one ABI with a stand-in for the NDK, whose libraries have only what Android 7 has. The argument classes checks
only the Kotlin package's classes."""

from __future__ import annotations

import io
import json
import os
import shlex
import tempfile
import xml.etree.ElementTree as xml
import zipfile
from pathlib import Path

from tests.kotlin import published
from tests.platforms import classes
from tests.platforms.layout import lays_out
from tests.platforms.ndk import StandIn
from tools.script import BUILD, PYTHON, ROOT, Tally, expect, need, refused, run, start
from tools.version import VERSION

BUILDS = (PYTHON, "-m", "platforms.android.build")
CHECKS = (PYTHON, "-m", "platforms.android.check")
CLASSES = (PYTHON, "-m", "tools.jar", "--classes", "--out")
# Each ABI with GOARCH and the NDK's name for its compiler.
ABIS = {
    "arm64-v8a": ("arm64", "aarch64-linux-android24"),
    "armeabi-v7a": ("arm", "armv7a-linux-androideabi24"),
    "x86": ("386", "i686-linux-android24"),
    "x86_64": ("amd64", "x86_64-linux-android24"),
}
# The class that unpacks a desktop's library.
DESKTOP = "callkey/Unpacked"
NEEDED = ("-Wl,-soname,libcallkey.so", "-Wl,-z,max-page-size=16384", "-Wl,-z,defs")
MODULE = "prefab/modules/callkey"


def refusals(tally: Tally, none: Path, work: Path) -> None:
    with tally.test("without an NDK it says where to get one"):
        refused("sdkmanager", *BUILDS, none)
    with tally.test("a folder that is no NDK is named"):
        refused(f"{work} is no NDK", *BUILDS, none, env={"ANDROID_NDK_HOME": str(work)})
    with tally.test("an ABI that does not exist is named"):
        refused("there is no ABI mips", *BUILDS, none, env={"ABIS": "mips"})
    with tally.test("nothing was made until then"):
        expect(not none.exists(), f"{none} was made")


def dry_run(tally: Tally, out: Path) -> None:
    commands = [shlex.split(line) for line in run(*BUILDS, out, env={"DRY_RUN": "1"}).splitlines()]
    builds = [command for command in commands if "-buildmode=c-shared" in command]
    for abi, (architecture, compiler) in ABIS.items():
        with tally.test(f"{abi}: the commands"):
            for folder in ("jniLibs", "symbols"):
                library = str(out / folder / abi / "libcallkey.so")
                [command] = [command for command in builds if library in command] or [[]]
                expect({"GOOS=android", f"GOARCH={architecture}"} <= set(command), f"{library}: {command}")
                cc = [word for word in command if word.startswith("CC=")]
                expect(cc and cc[0].endswith(f"/bin/{compiler}-clang"), f"{library}: {cc}")
                [flags] = [word for word in command if "-extldflags" in word]
                linked = shlex.split(shlex.split(flags)[-1])
                expect(set(NEEDED) <= set(linked), f"{library}: {linked}")
                expect(any(flag.startswith("-Wl,--version-script=") for flag in linked), f"{library}: {linked}")
    with tally.test("the C of the Kotlin package is compiled for each"):
        sources = [command for command in commands if "bindings/kotlin/src/main/c/callkey_jni.c" in " ".join(command)]
        used = [command[0] for command in sources]
        for abi, (_, compiler) in ABIS.items():
            expect(sum(word.endswith(f"/bin/{compiler}-clang") for word in used) == 2, f"{abi}: {used}")
    with tally.test("no other ABI is built"):
        expect(len(builds) == 2 * len(ABIS), f"{len(builds)} builds")
    with tally.test("a dry run makes nothing"):
        expect(not out.exists(), f"{out} was made")


def debug_information(library: Path) -> bool:
    return ".debug_info" in run("readelf", "-SW", library)


def build_with_the_stand_in(tally: Tally, work: Path) -> None:
    # In a permanent folder, to compile only once.
    ndk, out = StandIn(BUILD / "ndk-stand-in"), BUILD / "android-stand-in"
    ndk.make()
    library = out / "jniLibs" / "arm64-v8a" / "libcallkey.so"
    with tally.test("arm64-v8a: builds, and is what Android asks for"):
        run(*BUILDS, out, env={"ABIS": "arm64-v8a", "ANDROID_NDK_HOME": str(ndk.folder)})
    with tally.test("it is stripped"):
        expect(not debug_information(library), f"{library} has debug information")
    with tally.test("its twin has symbols"):
        expect(debug_information(out / "symbols" / "arm64-v8a" / "libcallkey.so"), "no debug information")
    with tally.test("a library for pages of 4 KB is refused"):
        small = work / "libcallkey.so"
        pages = ("-Wl,-z,max-page-size=4096", "-Wl,-z,common-page-size=4096")
        run("aarch64-linux-gnu-gcc", "-shared", *pages, "-x", "c", "/dev/null", "-o", small)
        refused("pages of 16 KB", *CHECKS, small)
    with tally.test("a symbol that no library of the system has fails the build"):
        ndk.make(without="__android_log_vprint")
        try:
            refused(
                "undefined reference to `__android_log_vprint'",
                *(PYTHON, "-m", "tools.build", work / "lacks" / "libcallkey.so"),
                env={"GOOS": "android", "GOARCH": "arm64", "CC": str(ndk.compiler)},
            )
        finally:
            ndk.make()
    with tally.test("a library that is not on every device is refused"):
        other = work / "needs" / "libcallkey.so"
        other.parent.mkdir()
        run(ndk.compiler, "-shared", "-Wl,-soname,libother.so", "-x", "c", "/dev/null", "-o", work / "libother.so")
        linked = ("-Wl,--no-as-needed", "-Wl,-z,max-page-size=16384", "-Wl,--build-id=sha1", work / "libother.so")
        run(ndk.compiler, "-shared", "-x", "c", "/dev/null", "-x", "none", *linked, "-o", other)
        refused("needs libother.so", *CHECKS, other)
    archive = out / f"callkey-android-{VERSION}.aar"
    with tally.test("the AAR holds the classes, the library, the header and what CMake asks for"):
        look_into(archive, library)
    with tally.test("its classes use only what Android 7 has"):
        jar = work / "classes.jar"
        with zipfile.ZipFile(archive) as packed:
            jar.write_bytes(packed.read("classes.jar"))
        use_what_android_has(jar)
    with tally.test("it is the same again"):
        before = archive.read_bytes()
        run(PYTHON, "-m", "platforms.android.aar", out, VERSION, "24", "arm64-v8a")
        expect(archive.read_bytes() == before, "other bytes")


def use_what_android_has(jar: Path) -> None:
    found = classes.classes(jar)
    wrong = classes.missing(found, 24, DESKTOP)
    expect(not wrong, "\n".join(wrong))
    desktop = [one for one in found if one.name == DESKTOP]
    expect(desktop and any("java/nio/file/Files" in one.uses for one in desktop), f"no {DESKTOP}")
    users = {one.name for one in found if DESKTOP in one.uses}
    expect(users == {DESKTOP, "callkey/Loading"}, f"{DESKTOP} is used by {sorted(users)}")


def look_into(archive: Path, library: Path) -> None:
    expect(archive.is_file(), f"{archive} was not made")
    with zipfile.ZipFile(archive) as packed:
        expect(packed.testzip() is None, f"{archive} is damaged")
        files = {name: packed.read(name) for name in packed.namelist()}
    abi = f"{MODULE}/libs/android.arm64-v8a"
    wanted = {
        *("classes.jar", "proguard.txt", "jni/arm64-v8a/libcallkey.so"),
        *("AndroidManifest.xml", "META-INF/LICENSE", "META-INF/THIRD_PARTY.md", "prefab/prefab.json"),
        *(f"{MODULE}/module.json", f"{MODULE}/include/callkey.h", f"{abi}/abi.json", f"{abi}/libcallkey.so"),
    }
    expect(set(files) == wanted, f"{archive} holds {sorted(files)}")
    expect(files[f"{abi}/libcallkey.so"] == library.read_bytes(), "another library")
    expect(files["jni/arm64-v8a/libcallkey.so"] == library.read_bytes(), "Kotlin has another library")
    expect(b"callkey.Native" in files["proguard.txt"], "no rules for R8")
    expect(files[f"{MODULE}/include/callkey.h"] == (ROOT / "include/callkey.h").read_bytes(), "another header")
    sdk = xml.fromstring(files["AndroidManifest.xml"]).find("uses-sdk")
    oldest = None if sdk is None else sdk.get("{http://schemas.android.com/apk/res/android}minSdkVersion")
    expect(oldest == "24", f"minSdkVersion is {oldest}")
    described: dict[str, dict[str, object]] = {
        "prefab/prefab.json": {"name": "callkey", "schema_version": 2, "dependencies": []},
        f"{MODULE}/module.json": {"library_name": "libcallkey"},
        f"{abi}/abi.json": {"abi": "arm64-v8a", "api": 24, "stl": "none", "static": False},
    }
    with zipfile.ZipFile(io.BytesIO(files["classes.jar"])) as jar:
        inside = set(jar.namelist())
    expect({"callkey/CallKey.class", "callkey/Native.class", "META-INF/callkey.kotlin_module"} <= inside, f"{inside}")
    strangers = [name for name in inside if not name.startswith("callkey/") and not name.endswith(".kotlin_module")]
    expect(not strangers, f"classes.jar has {strangers}")
    published.described(archive.with_suffix(".pom"), "callkey-android", "aar")
    for name, fields in described.items():
        found = json.loads(files[name])
        expect(fields.items() <= found.items(), f"{name} is {found}")


def main(names: list[str]) -> int:
    need("clang", "clang")
    need("javac", "default-jdk-headless")
    need("mvn", "maven")
    need("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross")
    os.environ.pop("ANDROID_NDK_HOME", None)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if names == ["classes"]:
            with tally.test("the classes use only what Android 7 has"):
                use_what_android_has(Path(run(*CLASSES, work / "kotlin").splitlines()[-1]))
            return tally.end()
        refusals(tally, work / "none", work)
        dry_run(tally, work / "dry")
        # The structs, as each ABI's compiler lays them out.
        for _goarch, target in ABIS.values():
            lays_out(tally, target)
        build_with_the_stand_in(tally, work)
    return tally.end()


if __name__ == "__main__":
    start(main)
