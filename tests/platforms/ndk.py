"""A substitute for an NDK made from Debian's cross compiler, for arm64-v8a only. Its output is not for a phone, but the
script, the flags and the checks are the real ones."""

from __future__ import annotations

import shlex
from pathlib import Path

from tools.script import run

LOG_HEADER = """\
#include <stdarg.h>
enum { ANDROID_LOG_FATAL = 7 };
int __android_log_vprint(int priority, const char *tag, const char *format, va_list arguments);
"""
LOG_SOURCE = """\
#include <android/log.h>
int __android_log_vprint(int p, const char *t, const char *f, va_list a)
{ (void)p; (void)t; (void)f; (void)a; return 0; }
"""


class StandIn:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.system = folder / "system"
        self.compiler = folder / "toolchains/llvm/prebuilt/linux-x86_64/bin/aarch64-linux-android24-clang"
        self.liblog = self.system / "liblog.so"

    def make(self) -> None:
        header = self.system / "android" / "log.h"
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(LOG_HEADER)
        self.compiler.parent.mkdir(parents=True, exist_ok=True)
        system = shlex.quote(str(self.system))
        # Nothing runs what it compiles, and SQLite takes half a minute to optimise.
        self.compiler.write_text(f'#!/bin/sh\nexec aarch64-linux-gnu-gcc -I{system} -L{system} "$@" -O0\n')
        self.compiler.chmod(0o755)
        source = self.system / "log.c"
        source.write_text(LOG_SOURCE)
        run(self.compiler, "-shared", "-fPIC", "-Wl,-soname,liblog.so", source, "-o", self.liblog)

    def make_liblog_empty(self) -> None:
        """liblog without its one function."""
        run("aarch64-linux-gnu-gcc", "-shared", "-Wl,-soname,liblog.so", "-x", "c", "/dev/null", "-o", self.liblog)
