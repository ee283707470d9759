"""Jobs side by side: each is a program with a log, which uses some of the processors and may wait for other jobs."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from tools.script import IN_CI, ROOT, ending


@dataclass(frozen=True)
class Job:
    name: str
    command: Sequence[str]
    cores: int = 1
    """The number of processors that it keeps busy. A job that uses all of them runs alone."""
    after: Sequence[str] = ()
    """The jobs that must have passed before. Names that are not among the jobs do not count."""
    env: Mapping[str, str] = field(default_factory=dict)
    limit: float = 1800
    """The time limit in seconds: then it is killed, with all its children."""


@dataclass(frozen=True)
class Result:
    job: Job
    state: str
    """passed, failed or skipped"""
    line: str
    """The job's last line, or the reason why it did not run."""
    reasons: Sequence[str] = ()
    """The tests that it skipped, with the reasons."""
    seconds: float = 0
    processor: float = 0
    """The processor's seconds, of its children too. A program that leaves it, as a server does, does not count."""
    log: Optional[Path] = None


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


MEMORY = Path("/dev/shm")


def in_memory() -> dict[str, str]:
    """Variables that put temporary files into memory, if it has a gigabyte for them and programs may be there.

    A test of stores waits for the disk most of the time.
    """
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return {}
    place = os.statvfs(MEMORY)
    if place.f_flag & os.ST_NOEXEC or place.f_bavail * place.f_frsize < 1 << 30:
        return {}
    return {"TMPDIR": str(MEMORY), "GOTMPDIR": os.environ.get("GOTMPDIR") or tempfile.gettempdir()}


def side_by_side(jobs: Sequence[Job], folder: Path, cores: int) -> Iterator[Result]:
    """Run the jobs in their order, as far as they fit on the cores, and yield each result as soon as it is known.

    A job's output goes to a log in the folder. A job that fails ends those that wait for it, and no other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = {job.name for job in jobs}
    waiting, passed, lost = list(jobs), set[str](), set[str]()
    running: dict[str, subprocess.Popen[bytes]] = {}
    ended: queue.SimpleQueue[Result | int] = queue.SimpleQueue()
    free = cores
    # Each job has its own session, so signals to this process do not reach it. A signal during the start of a job waits
    # in the queue, so that the job is not lost.
    before = {number: signal.signal(number, lambda n, _: ended.put(n)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        while waiting or running:
            for job in list(waiting):
                needed = names.intersection(job.after)
                if needed & lost:
                    waiting.remove(job)
                    lost.add(job.name)
                    yield Result(job, "failed", f"not run, because {', '.join(sorted(needed & lost))} failed")
                elif needed <= passed and min(job.cores, cores) <= free:
                    waiting.remove(job)
                    free -= min(job.cores, cores)
                    log = folder / f"{job.name}.log"
                    running[job.name] = begin(job, log)
                    threading.Thread(target=watch, args=(running[job.name], job, log, ended.put), daemon=True).start()
            if not running:
                continue
            result = ended.get()
            if isinstance(result, int):
                sys.exit(128 + result)
            del running[result.job.name]
            free += min(result.job.cores, cores)
            (lost if result.state == "failed" else passed).add(result.job.name)
            yield result
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for process in running.values():
            kill(process)


def begin(job: Job, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            job.command,
            cwd=ROOT,
            env={**os.environ, **job.env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def watch(process: subprocess.Popen[bytes], job: Job, log: Path, tell: Callable[[Result], None]) -> None:
    began, late = time.monotonic(), threading.Event()

    def end() -> None:
        late.set()
        kill(process)

    timer = threading.Timer(job.limit, end)
    timer.daemon = True
    timer.start()
    # Popen.wait does not tell what was used.
    _, status, used = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()
    how = f"still running after {job.limit:.0f} s" if late.is_set() else ending(process.returncode)
    state, line = judge(said, process.returncode, how)
    tell(Result(job, state, line, reasons(said), time.monotonic() - began, used.ru_utime + used.ru_stime, log))


def kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def judge(said: Sequence[str], status: int, how: str) -> tuple[str, str]:
    """The result of a job, and its closing line."""
    lines = [line for line in said if line.strip()]
    last = lines[-1].strip() if lines else ""
    if status != 0:
        return "failed", how
    if last.startswith("skipped:"):
        # A strict script has already failed by itself.
        return ("failed" if IN_CI else "skipped"), last
    return "passed", last.strip("= ")


SKIPPED = re.compile(r"^(?:[\w.-]+: )?skipped: |^SKIPPED ")


def reasons(said: Sequence[str]) -> list[str]:
    """The lines about skipped tests and the reasons, as the scripts and pytest print them."""
    return [re.sub(r"^SKIPPED (\[\d+\] )?|skipped: ", "", line) for line in said if SKIPPED.match(line)]
