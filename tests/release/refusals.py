"""What a release must not be made of, each with one error that names the cause."""

from __future__ import annotations

import zipfile

from tests.release.place import fresh
from tools.script import PYTHON, Word, refused
from tools.version import VERSION


def release(says: str, *names: Word, **settings: Word) -> None:
    env = {name: str(value) for name, value in settings.items()}
    refused(says, PYTHON, "-m", "tools.release", *names, env=env)


def all_of_them() -> str:
    work = fresh("wrong things")
    release("a release has no tarball; it has source linux-amd64 ", "tarball")
    release("SOURCE_DATE_EPOCH: is 'today', not the seconds since 1970", "source", SOURCE_DATE_EPOCH="today")
    release("between 1980 and 2106", "source", SOURCE_DATE_EPOCH="1")
    # The stand-in for an NDK of tests/platforms, with which the AAR would be for no phone.
    release(f"{work} is no NDK, it has no source.properties", "aar", ANDROID_NDK_HOME=work)
    release("is no zip of `make xcframework`", "xcframework", XCFRAMEWORK=work / "none.zip")
    other = work / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("CCallKey.xcframework/ios-arm64/Headers/CCallKey/callkey.h", f"/* not {VERSION} */\n")
    release("does not have this callkey.h", "xcframework", XCFRAMEWORK=other)
    return "a name that is none, a time that is none, a stand-in for an NDK, a framework of other sources"
