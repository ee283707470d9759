"""Hosts that are linked to the library, one program each."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.c.programs import every
from tests.host.noun import Noun
from tests.program import Ended
from tools.script import Word

CALLS = ("tests/c/pair.c", "tests/c/folder.c")
EVERY = (*CALLS, "tests/c/every.c")


def compiled(noun: Noun, *more: str, flags: tuple[Word, ...] = ()) -> Path:
    return noun.compiler.program(f"{noun.name}/{noun.name}", [f"tests/host/{noun.name}.c", *more], noun.library, *flags)


def children(noun: Noun) -> str:
    """Children of fork, _Fork, clone, clone3, forkpty and daemon get FORKED at once, while other threads of the parent
    call, before the first call and in children of children; vfork with exec, posix_spawn, system and popen start
    programs in which the library works; the parent keeps working."""
    result = noun.told(compiled(noun, *EVERY, "tests/c/test.c", flags=("-lutil",)), limit=300)
    return f"{result}; all {len(every())} functions are FORKED in a child of every birth, and the parent goes on"


def handler(noun: Noun) -> str:
    """A signal that arrives in malloc, and a handler that calls the library: its calls work, even the thread's first
    call that fails."""
    threads = noun.told(compiled(noun))
    return f"{threads} threads were interrupted in malloc: every call of their handlers answers"


def inherited(noun: Noun) -> str:
    """Apps that are killed in the middle of a call while their child stays alive, with copies of all their descriptors:
    the store does not stay locked."""
    with tempfile.TemporaryDirectory() as folder:
        killed = noun.told(compiled(noun, flags=("-D_GNU_SOURCE",)), folder, "50", limit=300)
    return f"{killed} apps killed while a child of theirs lives on, the store is free each time"


def stack(noun: Noun) -> str:
    """All functions run in threads with a stack of 32 KB and in coroutines of 64 KB, each over a guard page. A stack
    that is too small ends the process there: no byte under the guard page changes."""
    # The dynamic linker itself uses more than a page for a lazy lookup of a function.
    program = compiled(noun, *EVERY, flags=("-Wl,-z,now",))
    with tempfile.TemporaryDirectory() as folder:
        return noun.told(program, folder, limit=200)


def limits(noun: Noun) -> str:
    """Hosts with limits. Without enough address space or a thread at the start every call returns INTERNAL with the
    reason, loading never ends the process, and all functions work from 2,000 MB on. Without enough descriptors, or with
    a limit on file sizes: STORE, no signal, nothing lost. The library does not change the limits. It also prints the
    maximum number of the library's threads."""
    program = compiled(noun, *EVERY)
    with tempfile.TemporaryDirectory() as stores:

        def run(kind: str, *limit: str) -> Ended:
            return noun.ended(*(("prlimit", *limit) if limit else ()), program, kind, stores)

        for megabytes in (64, 256, 700, 1000, 1250, 1400):
            run("space", f"--as={megabytes << 20}").held()
        run("works", f"--as={2000 << 20}").held()
        run("alone").held()
        files = run("files", "--nofile=256:").told()
        run("sizes").held()
        threads = run("threads").told()
    return (
        "works within 2,000 MB of address space, INTERNAL with less or without a thread;"
        f" {files} free; STORE and no signal at RLIMIT_FSIZE; {threads}"
    )
