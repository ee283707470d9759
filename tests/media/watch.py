"""Watches the audio threads of the media engine: which functions they call that they must not."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.program import Compiler, Ended, ended
from tools.script import ROOT, Word, expect

HEADER = Path("include/callkey.h")
DECLARED = re.compile(
    r"^CALLKEY_(?:API|EXPORT) ([^;{}]*?)\b(callkey_\w+)\(([^;]*?)\)(?:\s*CALLKEY_NONNULL\([^;]*\))?;", re.MULTILINE
)

# The AES that the system's libsrtp was built with: Debian 12's takes it from NSS, which allocates 14 times per packet
# and locks 32 times. An engine brings a libsrtp that does not.
CIPHER = re.compile(r"libsrtp2|libnss|libnspr|libplc|libplds|libsoftokn|libfreebl|libcrypto|libmbedcrypto")


@dataclass(frozen=True)
class Watched:
    """What the processes of one run have written down."""

    others: int  # calls into libcallkey by other threads
    audio: Counter[tuple[str, str]]  # calls by audio threads: (function, object that called it)

    def engine(self) -> set[str]:
        """The functions that an audio thread called while it ran, but for libsrtp's cipher."""
        ending = ("free", "libc.so.6")  # of a thread's own storage
        return {call[0] for call in self.audio if call != ending and not CIPHER.match(call[1])}


def functions() -> list[tuple[str, str, str]]:
    """Of each function in the header: its result, its name and its parameters."""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    found = [(result.strip(), name, " ".join(rest.split())) for result, name, rest in DECLARED.findall(text)]
    names = set(re.findall(r"\b(callkey_\w+)\(", text))
    missing = names - {name for _, name, _ in found}
    expect(not missing, f"not read in {HEADER}: {sorted(missing)}")
    return found


def argument(parameter: str) -> str:
    """Its name: `uint8_t key[32]` is key."""
    return re.findall(r"\w+", re.sub(r"\[\w*\]", "", parameter))[-1]


def stand_in(result: str, name: str, parameters: str) -> str:
    """A function that notes the call and passes it on."""
    arguments = "" if parameters == "void" else ", ".join(argument(parameter) for parameter in parameters.split(","))
    returned = "" if result == "void" else "return "
    return f"""{result} {name}({parameters})
{{
\twatch_library("{name}", __builtin_return_address(0));
\t{returned}((__typeof__({name}) *)watch_real("{name}"))({arguments});
}}
"""


def build(out: Path) -> Path:
    """The library to preload."""
    calls = out / "watch_calls.c"
    calls.write_text('#include "watch.h"\n#include <callkey.h>\n\n' + "\n".join(stand_in(*f) for f in functions()))
    compiler = Compiler(out, "-std=gnu11", "-O1", "-Itests/media", "-DCALLKEY_NO_NONNULL", "-fno-builtin")
    return compiler.shared("watch", ["tests/media/watch.c", calls], None, "-ldl")


def watch(library: Path, folder: Path, *command: Word) -> tuple[Ended, Watched]:
    """Run the engine with the library preloaded."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    end = ended(*command, limit=120, env={"LD_PRELOAD": str(ROOT / library), "WATCH": str(ROOT / folder)})
    others, audio = 0, Counter[tuple[str, str]]()
    for file in folder.iterdir():
        for line in file.read_text().splitlines():
            function, caller, count = line.split()
            if function == "others":
                others += int(count)
            else:
                audio[function, caller] += int(count)
    return end, Watched(others, audio)
