"""A JVM, through a plain JNI shim: calls on 64 threads and on short-lived threads, with NullPointerExceptions and
StackOverflowErrors before, between and in calls, garbage collections and thread dumps; the library is loaded early,
late and before the JVM, under three collectors, with small stacks and with -Xcheck:jni; SIGTERM ends it through its
shutdown hook."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

from tests.host.noun import Noun
from tests.program import Ended
from tools.script import Failed, Word, run, skip

# `make test-full` makes a million.
CALLS = int(os.environ.get("CALLS", 100_000))
HELD = re.compile(r"^held (.*)", re.MULTILINE)


class Jvm:
    def __init__(self, noun: Noun, home: Path) -> None:
        self.noun = noun
        self.java = home / "bin/java"
        run(home / "bin/javac", "-Xlint:all", "-Werror", "-d", noun.out, "tests/host/Jvm.java", quiet=True)
        headers = (f"-I{home}/include", f"-I{home}/include/linux")
        self.shim = noun.compiler.shared("jvm/shim", ["tests/host/jvm.c"], noun.library, "-D_GNU_SOURCE", *headers)
        self.calls = 0
        self.runs = 0

    def ended(self, what: str, status: int, preloaded: Word, *options: str) -> Ended:
        """A JVM that must end with this status, without a crash report."""
        with tempfile.TemporaryDirectory() as folder:
            settings = ("-cp", self.noun.out, f"-Dshim={self.shim}", f"-Dfolder={folder}")
            preload = {"LD_PRELOAD": str(preloaded)} if preloaded else {}
            end = self.noun.ended(self.java, *settings, *options, "Jvm", limit=300, env=preload, cwd=Path(folder))
            reports = "".join(file.read_text()[:6000] for file in Path(folder).glob("hs_err*"))
        if reports:
            raise failure(what, "it crashed", end, reports)
        if end.status != status:
            raise failure(what, f"status {end.status}, not {status}", end)
        if not HELD.search(end.said):
            raise failure(what, "it did not get to its end", end)
        return end

    def counted(self, what: str, preloaded: Word, *options: str) -> Ended:
        """A complete run, with its five thread dumps."""
        end = self.ended(what, 0, preloaded, *options)
        dumps = end.said.count("Full thread dump")
        if dumps != 5:
            raise failure(what, f"{dumps} thread dumps of 5", end)
        held = HELD.search(end.said)
        assert held is not None
        self.calls += int(held[1].split()[0])
        self.runs += 1
        return end


def failure(what: str, wrong: str, end: Ended, reports: str = "") -> Failed:
    said = [line for line in end.said.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    return Failed("\n".join([f"a JVM {what}: {wrong}", *said[-40:], reports]))


def jvm(noun: Noun) -> str:
    home = os.environ.get("JAVA_HOME")
    javac = shutil.which(f"{home}/bin/javac" if home else "javac")
    if javac is None:
        skip("a JDK of 17 or newer", "apt-get install default-jdk-headless")
    java = Jvm(noun, Path(javac).resolve().parent.parent)
    java.counted("that loads it late", "", "-Dwhen=late", f"-Dcalls={CALLS}")
    java.counted(
        "that loads it early, with one collecting thread and small stacks",
        "",
        "-Dwhen=early",
        "-Dcalls=50000",
        "-XX:+UseSerialGC",
        "-Xss256k",
    )
    # The simple compiler leaves every null pointer to the signal.
    java.counted(
        "that counts the signals, with ZGC",
        "",
        "-Dwhen=late",
        "-Dcalls=50000",
        "-XX:+UseZGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-OmitStackTraceInFastThrow",
        "-Dwatch=true",
    )
    java.counted("that is loaded after it", noun.library, "-Dwhen=early", "-Dcalls=50000")
    java.counted("with libjsig", java.java.parent.parent / "lib/libjsig.so", "-Dwhen=late", "-Dcalls=50000")
    checked = java.counted("that checks JNI calls", "", "-Dwhen=early", "-Dcalls=20000", "-Xcheck:jni")
    if re.search("WARNING in native method|FATAL ERROR", checked.said):
        raise failure("that checks JNI calls", "it found something", checked)
    for when in ("early", "late"):
        java.ended("that gets SIGTERM", 128 + signal.SIGTERM, "", f"-Dwhen={when}", "-Dcalls=0", "-Dterminated=true")
    return (
        f"{java.calls} calls in {java.runs} JVMs, each exception caught as what it is, every answer right;"
        " SIGTERM runs the shutdown hook"
    )
