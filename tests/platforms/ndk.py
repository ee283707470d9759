"""A substitute for an NDK made from Debian's cross compiler, for arm64-v8a only. Its output is not for a phone, but the
script, the flags and the checks are the real ones.

As in an NDK, the libraries to link with have only the names that Android's have at an API level: those of bionic.txt.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from tools import jni
from tools.script import run

LIST = Path(__file__).with_name("bionic.txt")
LIBRARIES = ("libc.so", "libdl.so", "liblog.so", "libm.so")
HEADERS = {
    "android/log.h": """\
#include <stdarg.h>
enum { ANDROID_LOG_FATAL = 7 };
int __android_log_vprint(int priority, const char *tag, const char *format, va_list arguments);
""",
    # Android's threads cannot be cancelled.
    "pthread.h": "#include_next <pthread.h>\n#undef PTHREAD_CANCEL_DISABLE\n",
}
# What glibc's headers make of a name that Android has.
GLIBC = """\
int *__errno(void);
int *__errno_location(void) { return __errno(); }
int fcntl(int, int, long);
int fcntl64(int fd, int command, long argument) { return fcntl(fd, command, argument); }
"""


def names(api: int) -> dict[str, list[tuple[str, bool]]]:
    """What each library of an API level has, and whether it is data."""
    found: dict[str, list[tuple[str, bool]]] = {library: [] for library in LIBRARIES}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            level, library, name, *data = line.split()
            if int(level) <= api:
                found[library].append((name, bool(data)))
    return found


class StandIn:
    def __init__(self, folder: Path, api: int = 24) -> None:
        self.folder = folder
        self.api = api
        self.system = folder / "system"
        self.compiler = folder / "toolchains/llvm/prebuilt/linux-x86_64/bin/aarch64-linux-android24-clang"

    def make(self, without: str = "") -> None:
        """``without`` is a name that its libraries lack."""
        for name, text in HEADERS.items():
            header = self.system / name
            header.parent.mkdir(parents=True, exist_ok=True)
            header.write_text(text)
        for library, symbols in names(self.api).items():
            self._library(library, [(name, data) for name, data in symbols if name != without])
        glibc = self.system / "glibc"
        glibc.with_suffix(".c").write_text(GLIBC)
        self._gcc("-c", "-fPIC", glibc.with_suffix(".c"), "-o", glibc.with_suffix(".o"))
        run("aarch64-linux-gnu-ar", "crD", self.system / "libglibc.a", glibc.with_suffix(".o"))
        self.compiler.parent.mkdir(parents=True, exist_ok=True)
        system = shlex.quote(str(self.system))
        java = " ".join(f"-isystem{shlex.quote(str(jni.jdk() / folder))}" for folder in ("include", "include/linux"))
        # Nothing runs what it compiles, and SQLite takes half a minute to optimise.
        flags = f"-I{system} {java} -L{system} -nodefaultlibs -mno-outline-atomics"
        libraries = "-lglibc -lc -lm -ldl -lgcc"
        self.compiler.write_text(f'#!/bin/sh\nexec aarch64-linux-gnu-gcc {flags} "$@" -O0 {libraries}\n')
        self.compiler.chmod(0o755)

    def _gcc(self, *words: object) -> None:
        run("aarch64-linux-gnu-gcc", *map(str, words))

    def _library(self, name: str, symbols: list[tuple[str, bool]]) -> None:
        source = self.system / f"{name}.s"
        kinds = {False: ("text", "function"), True: ("data", "object")}
        lines = [
            f".{kinds[data][0]}\n.globl {symbol}\n.type {symbol}, %{kinds[data][1]}\n{symbol}: .quad 0"
            for symbol, data in symbols
        ]
        source.write_text("\n".join([*lines, ""]))
        self._gcc("-shared", "-nostdlib", f"-Wl,-soname,{name}", source, "-o", self.system / name)
