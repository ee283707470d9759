"""Packs what platforms.android.build has built: python3 -m platforms.android.aar FOLDER VERSION API ABI...

The archive is FOLDER/callkey-VERSION.aar. Its prefab part (https://google.github.io/prefab) is what Gradle hands to
CMake, as find_package(callkey REQUIRED CONFIG) and callkey::callkey. The same input gives the same bytes.
"""

import json
import sys
import zipfile
from pathlib import Path

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="libcallkey.callkey">
    <uses-sdk android:minSdkVersion="{api}" />
</manifest>
"""


def files(folder: Path, version: str, api: int, abis: list[str]) -> dict[str, bytes]:
    def text(value: object) -> bytes:
        return (json.dumps(value, indent=2) + "\n").encode()

    tree = Path(__file__).parents[2]
    module = "prefab/modules/callkey"
    out = {
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
        out[f"{of_abi}/libcallkey.so"] = (folder / "jniLibs" / abi / "libcallkey.so").read_bytes()
    return out


def main() -> None:
    folder, version, api, *abis = sys.argv[1:]
    archive = Path(folder) / f"callkey-{version}.aar"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in sorted(files(Path(folder), version, int(api), abis).items()):
            z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    print(archive)


if __name__ == "__main__":
    main()
