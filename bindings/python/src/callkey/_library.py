"""Finding and loading the shared library, once per process, at first use.

It looks in these places, in this order, and reads no environment variable:

1. the path given to load();
2. a library inside the package;
3. build/ of the source tree, when the package runs from it;
4. the system's loader.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from pathlib import Path

from ._declarations import ABI_MAJOR, ABI_MINOR, FUNCTIONS
from ._machine import WHEELS, made_for, this_python
from .errors import LibraryError

NAMES = {"darwin": "libcallkey.0.dylib", "linux": "libcallkey.so.0", "win32": "callkey.dll"}
"""The library's file, by sys.platform."""
NAME = NAMES.get(sys.platform, NAMES["linux"])

_PACKAGE = Path(__file__).resolve().parent

_lock = threading.Lock()
_library: ctypes.CDLL | None = None
_path = ""


def load(path: str | os.PathLike[str] | None = None) -> str:
    """Loads the library now and returns where it was found.

    Otherwise the first use of the package does the same. Raises LibraryError (an ImportError)
    if there is no library, it can't be loaded here, or its ABI version does not fit; and
    RuntimeError if a library from another path is loaded already: two Go runtimes in one
    process don't work.
    """
    global _library, _path
    with _lock:
        wanted = None if path is None else os.path.realpath(os.fspath(path))
        if _library is None:
            place = wanted or _find()
            _library = _declare(_dlopen(place), place)
            _path = place
        elif wanted is not None and wanted != _path:
            raise RuntimeError(f"callkey is already loaded from {_path}")
        return _path


def library() -> ctypes.CDLL:
    """The loaded library, with every function declared."""
    if _library is None:
        load()
    assert _library is not None
    return _library


def _find() -> str:
    inside = _PACKAGE / NAME
    if inside.is_file():
        return str(inside)
    tree = _source_tree()
    if tree is not None and (tree / "build" / NAME).is_file():
        return os.path.realpath(tree / "build" / NAME)
    return NAME  # the system's loader searches for it


def _source_tree() -> Path | None:
    """The root of the source tree if this file is bindings/python/src/callkey/ of it."""
    root = _PACKAGE.parents[3] if len(_PACKAGE.parents) > 3 else None
    if root is not None and (root / "include" / "callkey.h").is_file():
        return root
    return None


def _dlopen(place: str) -> ctypes.CDLL:
    if _musl():
        # A library built for glibc may fail to load with the loader's own error. One built for
        # musl crashes: musl hands no argc and argv to its initialiser and Go reads them.
        raise LibraryError(
            "callkey can't be loaded here: this Python runs on musl, and a Go shared library "
            "can't be loaded at run time on musl; use a Python built for glibc"
        )
    try:
        return ctypes.CDLL(place)
    except OSError as problem:
        if os.path.dirname(place):
            raise LibraryError(f"callkey can't load {place}: {_foreign(place) or problem}") from None
        for name in NAMES.values():
            inside = str(_PACKAGE / name)
            if why := _foreign(inside):
                raise LibraryError(f"callkey can't load {inside}: {why}") from None
        tree = _source_tree()
        hint = f"run `make lib` in {tree}" if tree is not None else f"install a wheel of callkey (for {WHEELS})"
        raise LibraryError(
            f"callkey found no {NAME}, neither in {_PACKAGE} nor through the system's loader ({problem}): "
            f"{hint}, install libcallkey, or call callkey.load(path) first"
        ) from None


def _foreign(place: str) -> str:
    """Says so if the library is for another system or processor; otherwise it is empty."""
    built = made_for(place)
    if not built or this_python() in built:
        return ""
    return f"it is for {' and '.join(built)}, and this Python is for {this_python()}; there are wheels for {WHEELS}"


def _musl() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        return not (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):  # musl has no such name
        return True


def _declare(loaded: ctypes.CDLL, place: str) -> ctypes.CDLL:
    try:
        loaded.callkey_abi_version.restype = ctypes.c_uint32
        abi = loaded.callkey_abi_version()
    except AttributeError:
        raise LibraryError(f"{place} is not libcallkey: it has no callkey_abi_version") from None
    major, minor = abi >> 16, abi & 0xFFFF
    if major != ABI_MAJOR or minor < ABI_MINOR:
        raise LibraryError(
            f"{place} has ABI version {major}.{minor}; this package needs {ABI_MAJOR}.{ABI_MINOR} "
            f"or a later {ABI_MAJOR}.x"
        )
    for name, (result, arguments) in FUNCTIONS.items():
        try:
            function = getattr(loaded, name)
        except AttributeError:
            raise LibraryError(f"{place} has no {name}; it is older than this package") from None
        function.restype = result
        function.argtypes = arguments
    return loaded
