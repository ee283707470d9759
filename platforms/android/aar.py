"""Packs what platforms.android.build has built: python3 -m platforms.android.aar FOLDER VERSION API ABI...

The archive is FOLDER/callkey-android-VERSION.aar, with its POM beside it. It has the classes of the Kotlin package with
the rules that R8 needs, and the library twice: in jni, from where it gets into the app, and in prefab
(https://google.github.io/prefab), which Gradle hands to CMake, as find_package(callkey REQUIRED CONFIG) and
callkey::callkey. Both are one file, because an app must not have two copies. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from tools import pom
from tools.script import start, usage

ARTIFACT = "callkey-android"
EPOCH = (1980, 1, 1, 0, 0, 0)
RULES = "META-INF/proguard/callkey.pro"

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="libcallkey.callkey">
    <uses-sdk android:minSdkVersion="{api}" />
</manifest>
"""


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def classes(jar: Path) -> tuple[dict[str, bytes], bytes]:
    """The classes of a jar of the Kotlin package, with what the Kotlin compiler needs to know of them, and the rules
    for shrinkers."""
    with zipfile.ZipFile(jar) as packed:
        wanted = [name for name in packed.namelist() if name.endswith((".class", ".kotlin_module"))]
        return {name: packed.read(name) for name in wanted}, packed.read(RULES)


def files(folder: Path, version: str, api: int, abis: list[str]) -> dict[str, bytes]:
    def text(value: object) -> bytes:
        return (json.dumps(value, indent=2) + "\n").encode()

    tree = Path(__file__).parents[2]
    module = "prefab/modules/callkey"
    code, rules = classes(folder / f"kotlin/callkey-{version}.jar")
    out = {
        "classes.jar": archive(code),
        "proguard.txt": rules,
        "AndroidManifest.xml": MANIFEST.format(api=api).encode(),
        "META-INF/LICENSE": (tree / "LICENSE").read_bytes(),
        "META-INF/THIRD_PARTY.md": (tree / "THIRD_PARTY.md").read_bytes(),
        "prefab/prefab.json": text({"name": "callkey", "schema_version": 2, "dependencies": [], "version": version}),
        f"{module}/module.json": text({"export_libraries": [], "library_name": "libcallkey", "android": {}}),
        f"{module}/include/callkey.h": (folder / "include/callkey.h").read_bytes(),
    }
    for abi in abis:
        of_abi = f"{module}/libs/android.{abi}"
        # It has no C++. 26: the first NDK with a linker that can link it into an app.
        out[f"{of_abi}/abi.json"] = text({"abi": abi, "api": api, "ndk": 26, "stl": "none", "static": False})
        library = (folder / "jniLibs" / abi / "libcallkey.so").read_bytes()
        out[f"{of_abi}/libcallkey.so"] = out[f"jni/{abi}/libcallkey.so"] = library
    return out


def main(arguments: list[str]) -> None:
    if len(arguments) < 4:
        usage(__doc__)
    place, version, api, *abis = arguments
    out = Path(place) / f"{ARTIFACT}-{version}.aar"
    out.write_bytes(archive(files(Path(place), version, int(api), abis)))
    out.with_suffix(".pom").write_text(pom.published(ARTIFACT, "aar"), encoding="utf-8")
    print(out)


if __name__ == "__main__":
    start(main)
