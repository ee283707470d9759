"""The version numbers in the names of files, from version.env."""

from __future__ import annotations

from tools.script import BUILD, ROOT

_NUMBERS = dict(
    line.split("=", 1) for line in (ROOT / "tools" / "version.env").read_text().splitlines() if line[:1].isalpha()
)
VERSION = _NUMBERS["VERSION"]
ABI_MAJOR = _NUMBERS["ABI_MAJOR"]
ABI_MINOR = _NUMBERS["ABI_MINOR"]

SONAME = f"libcallkey.so.{ABI_MAJOR}"
DYLIB = f"libcallkey.{ABI_MAJOR}.dylib"
# The library of the Kotlin package for macOS.
JNI_DYLIB = "libcallkey_jni.dylib"
LIBRARY = BUILD / SONAME
DEBUG_LIBRARY = BUILD / "debug" / SONAME
