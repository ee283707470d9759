"""Builds the library: python3 -m tools.build OUTPUT [KIND[,KIND...]]

The extension of OUTPUT selects what to build:
.so, .so.0  a shared library
.dll        the same for Windows, with callkey.def, libcallkey.dll.a and callkey.lib next to it
.dylib      the same for macOS, linked by lld where there is no Mac; libcallkey_jni.dylib is that of the
            Kotlin package, which needs the jni.h of a JDK
.a          a static archive

release  stripped; the same sources give the same bytes in any folder
debug    the same code with symbols and line numbers
provoke  release with a callkey_selftest that panics, for the test of panics
portable release without erasing by the runtime, as on platforms that lack it
unprotected
         release without any protection of secrets in memory, for the test that searches
         for them
valgrind debug that tells memcheck how Go uses its memory, and never frees it
apart    debug with each block of SQLite alone on the heap, for the tests that watch the
         ends of blocks
asan     debug with AddressSanitizer in C and Go, and UndefinedBehaviorSanitizer in C (gcc)
hwasan   debug with HWAddressSanitizer in C, which is not optimized, for linux/arm64 under QEMU

It exports the header's functions, by the lists capi/callkey.map and capi/callkey.names. GOOS and GOARCH
select the platform, GO and CC the tools. WITHOUT_LIBSIGNAL=1 links nothing of go.mau.fi/libsignal, and so
the library does not read the JSON of its session records. DRY_RUN=1 prints the commands instead of running them.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tools import jni
from tools.script import DRY_RUN, GO, ROOT, Failed, compiler, go_run, run, start, step, words
from tools.version import ABI_MAJOR, ABI_MINOR, DYLIB, JNI_DYLIB, SONAME, VERSION

CC = compiler()
EXPORT_MAP = ROOT / "capi" / "callkey.map"
EXPORT_NAMES = ROOT / "capi" / "callkey.names"
# What Java looks for in a library that a class loads.
JNI_NAMES = ("JNI_OnLoad", "Java_callkey_Native_*")
JNI_NODE = f"CALLKEY_JNI {{ global: {'; '.join(JNI_NAMES)}; }};\n"

# The runtime erases secrets where it can, elsewhere core/secret does.
RUNTIME_ERASES = ("linux/amd64", "linux/arm64")
# The oldest macOS that Go's runtime supports. https://go.dev/wiki/MinimumRequirements
MACOS = "12.0"
MAC_LINKER = ("lld", "-flavor", "darwin")
APPLE = ROOT / "platforms" / "apple"
# Apple's names of the processors.
APPLE_NAMES = {"arm64": "arm64", "amd64": "x86_64"}
# The runtime also makes no copies elsewhere: it does not interrupt its own threads by a signal, because
# the kernel would write their registers to the signal's stack (it waits for the next function call
# instead), and does not move a stack to a smaller one, which would leave the old one in memory.
RUNTIME = "asyncpreemptoff=1,gcshrinkstackoff=1"


@dataclass
class Recipe:
    """The flags for a platform and the kinds."""

    system: str
    architecture: str
    # SQLite without temporary files, which would contain the store's records.
    cflags: list[str] = field(default_factory=lambda: ["-O2", "-g", "-DSQLITE_TEMP_STORE=3"])
    ldflags: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=lambda: ["sqlite_omit_load_extension", "netgo", "osusergo"])
    experiments: list[str] = field(default_factory=list)
    instrument: list[str] = field(default_factory=list)
    runtime: str = RUNTIME
    stripped: bool = True
    reserve: bool = False

    def take(self, kind: str) -> None:
        if kind == "release":
            pass
        elif kind == "debug":
            self.stripped = False
        elif kind == "provoke":
            self.tags.append("provoke")
        elif kind == "portable":
            self.experiments.clear()
        elif kind == "unprotected":
            # With this tag nothing calls what the experiment adds, so its packages need not be compiled without it.
            self.tags.append("unprotected")
            self.runtime = ""
        elif kind == "valgrind":
            self.stripped = False
            self.tags.append("valgrind")
            # Erasing the stack is an invalid write to memcheck, and DWARF 5 is new to it.
            self.experiments = ["nodwarf5"]
        elif kind == "apart":
            self.stripped = False
            # Less optimised, which takes a third of the time.
            self.cflags += ["-O1", "-DSQLITE_DEFAULT_LOOKASIDE=0,0", "-DSQLITE_DEFAULT_PCACHE_INITSZ=0"]
        elif kind == "asan":
            self.stripped = False
            self.instrument.append("-asan")
            self.cflags += ["-fsanitize=undefined", "-fno-sanitize-recover=undefined"]
            self.ldflags.append("-fsanitize=undefined")
            # And whether Go pointers get where C could keep them.
            self.experiments.append("cgocheck2")
        elif kind == "hwasan":
            self.stripped = False
            self.cflags += ["-O0", "-fsanitize=hwaddress"]
            self.ldflags.append("-fsanitize=hwaddress")
            # The sanitizer assumes that the stack is the end of the address space. QEMU puts it low, so
            # Go's heap at a random place could be above it.
            self.experiments.append("norandomizedheapbase64")
        else:
            raise Failed(f"KIND: there is no kind {kind!r}")

    def environment(self) -> dict[str, str]:
        """What the go command reads."""
        read = {
            "GOOS": self.system,
            "GOARCH": self.architecture,
            "GOEXPERIMENT": ",".join(self.experiments),
            "CGO_ENABLED": "1",
            "CC": os.environ.get("CC") or "cc",
            "CGO_CFLAGS": " ".join(self.cflags),
        }
        return {**read, "CGO_LDFLAGS": " ".join(self.ldflags)} if self.ldflags else read

    def flags(self, overlay: Path) -> list[str]:
        """Those of `go build` and `go test` that say how a package is compiled."""
        return words(*self.instrument, "-trimpath", "-overlay", overlay, "-tags", ",".join(self.tags))

    def link(self, external: str) -> str:
        """Go's linker flags; ``external`` are those of the C compiler that links."""
        flags = ["-s", "-w"] if self.stripped else []
        flags.append("-buildid=")
        if self.reserve:
            flags.append("-X runtime.reserveEverywhere=musl")
        if self.runtime:
            flags.append(f"-X runtime.godebugDefault={self.runtime}")
        if external:
            flags.append(f"-extldflags '{external}'")
        return " ".join(flags)


def recipe(kinds: list[str], work: Path) -> Recipe:
    made = Recipe(run(GO, "env", "GOOS").strip(), run(GO, "env", "GOARCH").strip())
    if f"{made.system}/{made.architecture}" in RUNTIME_ERASES:
        made.experiments.append("runtimesecret")
    # A signal of musl's own does not ask for the alternate stack: see capi/runtime/altstack.patch.
    made.reserve = made.system == "linux" and not glibc(work)
    if without_libsignal():
        made.tags.append("without_libsignal")
    for kind in kinds:
        made.take(kind)
    return made


def without_libsignal() -> bool:
    value = os.environ.get("WITHOUT_LIBSIGNAL", "")
    if value not in ("", "0", "1"):
        raise Failed(f"WITHOUT_LIBSIGNAL: is {value!r}, not 1 or 0")
    return value == "1"


def glibc(work: Path) -> bool:
    """Whether the compiler's C library is glibc."""
    source = work / "libc.c"
    source.write_text("#include <features.h>\n")
    return "__GLIBC__" in run(*CC, "-E", "-dM", source)


def write_overlay(work: Path) -> Path:
    """Write the input of ``go build -overlay``: the differences from the sources on disk.

    Go's cache ignores headers outside a package, so the overlay adds a Go file with the checksum of
    callkey.h. It also has the changes that the Go runtime needs inside another program: see
    capi/runtime.
    """
    header = work / "header.go"
    digest = hashlib.sha256((ROOT / "include" / "callkey.h").read_bytes()).hexdigest()
    header.write_text(f"package main\n\n// callkey.h: {digest}\n")
    overlay = work / "overlay.json"
    overlay.write_text(go_run("./tools/overlay", work, f"{ROOT / 'capi' / 'header.go'}={header}"))
    return overlay


class Build:
    def __init__(self, output: Path, how: Recipe, work: Path) -> None:
        self.output = output
        self.how = how
        self.work = work
        self.overlay = write_overlay(work)

    def compile(self, mode: str, output: Path, external: str = "") -> None:
        step(
            *words(GO, "build", "-C", ROOT, f"-buildmode={mode}", *self.how.flags(self.overlay)),
            *words("-buildvcs=false", "-ldflags", self.how.link(external), "-o", output, "./capi"),
            env=self.how.environment(),
        )
        # cgo writes its own header next to the library; the only public one is callkey.h.
        step("rm", "-f", output.with_suffix(".h"))

    def shared_library(self) -> None:
        exports, objects = self.work / "map", []
        exported = EXPORT_MAP.read_text()
        # Android packs no version numbers into an app, maps pages of up to 16 KB, and finds the
        # symbols for a crash report by the build id. An app has one copy of the library, for its
        # Kotlin and its C.
        if self.how.system == "android":
            flags = ["-soname,libcallkey.so", "--build-id=sha1", "-z,max-page-size=16384"]
            objects = jni.objects(self.work)
            exported += JNI_NODE
        else:
            flags = [f"-soname,{SONAME}", "--build-id=none"]
        # Go splits the linker's flags at spaces, and the path of the sources may have some.
        exports.write_text(exported)
        # With -z defs, an undefined symbol is an error here and not when the library is loaded.
        flags += [f"--version-script={exports}", "-z,relro", "-z,now", "-z,defs"]
        if self.how.stripped:
            # For zig cc: Go's -s comes before a -g of cgo, which takes it back there.
            flags.append("--strip-all")
        self.compile("c-shared", self.output, " ".join(words(*objects, *(f"-Wl,{flag}" for flag in flags))))

    def static_archive(self) -> None:
        """One object in which only the header's names are global: its contents, above all SQLite,
        must not conflict with another copy in the program."""
        everything, whole = self.work / "all.a", self.work / "callkey.o"
        if self.how.system == "windows":
            # For a DLL of ours, which exports only its own functions: the .drectve sections request more.
            self.compile("c-archive", self.output)
            step(tool("objcopy"), "--remove-section", ".drectve", self.output)
            return
        self.compile("c-archive", everything)
        step("rm", "-f", self.output)
        if self.how.system in ("darwin", "ios"):
            names = apple_names(self.work, exports())
            step(
                *CC, "-r", "-nostdlib", "-Wl,-all_load", f"-Wl,-exported_symbols_list,{names}", "-o", whole, everything
            )
            step("ar", "cr", self.output, whole, env={"ZERO_AR_DATE": "1"})
            return
        # -d: allocates a common variable of cgo, which would otherwise stay global.
        step(*CC, "-r", "-nostdlib", "-Wl,-d", "-Wl,--whole-archive", "-o", whole, everything)
        # The runtime starts before the program's initialisers: a call from one of them would hang
        # otherwise. Priorities up to 100 are reserved for such cases.
        step(
            *words(tool("objcopy"), f"--keep-global-symbols={EXPORT_NAMES}"),
            *words("--rename-section", ".init_array=.init_array.00100", whole),
        )
        if self.how.stripped:
            step(tool("strip"), "--strip-debug", whole)
        step(tool("ar"), "crD", self.output, whole)

    def windows_library(self) -> None:
        folder = self.output.parent
        everything, definition = self.work / "all.a", self.work / "callkey.def"
        self.compile("c-archive", everything)
        # The objects request other exports too, such as cgo's functions. The .def decides.
        step(tool("objcopy"), "--remove-section", ".drectve", everything)
        definition.write_text("\n".join([f"LIBRARY {self.output.name}", "EXPORTS", *exports(), ""]))
        step("cp", definition, folder / "callkey.def")
        # No time stamp, and no preferred address made from the path of the output.
        step(
            *words(*CC, "-shared", *(["-s"] if self.how.stripped else []), "-static-libgcc", "-o", self.output),
            *words(folder / "callkey.def", "-Wl,--whole-archive", everything, "-Wl,--no-whole-archive"),
            *words(f"-Wl,--out-implib,{folder / 'libcallkey.dll.a'}", "-Wl,--no-insert-timestamp"),
            *words("-Wl,--disable-auto-image-base", "-Wl,--dynamicbase", "-Wl,--high-entropy-va", "-Wl,--nxcompat"),
        )
        # For Microsoft's linker.
        if shutil.which("llvm-dlltool"):
            step("llvm-dlltool", "-m", "i386:x86-64", "-d", folder / "callkey.def", "-l", folder / "callkey.lib")
        else:
            print(
                "callkey.lib was not made: that needs llvm-dlltool; lib /def:callkey.def makes it too", file=sys.stderr
            )

    def mac_library(self) -> None:
        on_a_mac = platform.system() == "Darwin"
        if not on_a_mac and not DRY_RUN and not shutil.which(MAC_LINKER[0]):
            raise Failed(f'there is no {MAC_LINKER[0]}, which links for macOS: get it with "apt-get install lld"')
        everything = self.work / "all.a"
        # For a Mac's compiler, which otherwise makes what only its own macOS can load.
        os.environ.setdefault("MACOSX_DEPLOYMENT_TARGET", MACOS)
        name, exported, objects = DYLIB, exports(), []
        if self.output.name == JNI_DYLIB:
            name, exported, objects = JNI_DYLIB, list(JNI_NAMES), jni.mac_objects(self.work)
        self.compile("c-archive", everything)
        flags = ["-install_name", f"@rpath/{name}", "-current_version", VERSION]
        flags += ["-compatibility_version", f"{ABI_MAJOR}.{ABI_MINOR}"]
        # Apple's processors execute nothing without a signature; Intel's do not mind one.
        flags += ["-exported_symbols_list", str(apple_names(self.work, exported)), "-adhoc_codesign"]
        if self.how.stripped:
            flags.append("-S")
        if on_a_mac:
            passed = [word for flag in (*flags, "-force_load", str(everything)) for word in ("-Xlinker", flag)]
            step(*words(*CC, "-dynamiclib", *objects, *passed, "-o", self.output))
        else:
            self.link_without_a_mac(everything, objects, flags)
        # A library names only the objects that have its symbols, and these are temporary.
        if not self.how.stripped and shutil.which("dsymutil"):
            step("dsymutil", "-o", f"{self.output}.dSYM", self.output)

    def link_without_a_mac(self, everything: Path, more: list[Path], flags: list[str]) -> None:
        # Its ar makes no table of the archive's symbols, without which the archive can't be linked as a whole.
        parts = self.work / "parts"
        step("mkdir", parts)
        step("ar", "x", f"--output={parts}", everything)
        objects = [*more, *(sorted(parts.iterdir()) if parts.exists() else [parts / "*.o"])]
        # The stub lacks what macOS 12 lacks, so a name that is newer is an error here and not when it is loaded.
        step(
            *words(*MAC_LINKER, "-dylib", "-arch", APPLE_NAMES[self.how.architecture], *flags),
            *words("-platform_version", "macos", MACOS, MACOS, "-o", self.output, *objects, f"-L{APPLE}", "-lSystem"),
        )


def exports() -> list[str]:
    """The names of EXPORT_NAMES. Not every tool that takes a list knows its comment."""
    return [line for line in EXPORT_NAMES.read_text().splitlines() if not line.startswith("#")]


def apple_names(work: Path, exported: list[str]) -> Path:
    """A list of the exports as linkers of Apple's systems read it."""
    names = work / "names"
    names.write_text("".join(f"_{name}\n" for name in exported))
    return names


def tool(name: str) -> str:
    """The binutils that go with the compiler."""
    return name if DRY_RUN else run(*CC, f"-print-prog-name={name}").strip()


def build(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    output = Path(arguments[0]).absolute()
    step("mkdir", "-p", output.parent)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        job = Build(output, recipe((arguments[1:] or ["release"])[0].split(","), work), work)
        if output.suffix == ".dll":
            job.windows_library()
        elif output.suffix == ".dylib":
            job.mac_library()
        elif output.suffix == ".a":
            job.static_archive()
        else:
            job.shared_library()
    return 0


if __name__ == "__main__":
    start(build)
