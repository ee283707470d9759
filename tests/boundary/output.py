"""Every function, with a trace of its system calls.

Nothing is written to stdout or stderr, whether they are open or closed. Once the library is loaded it opens and changes
no file outside the store's folder, except that SQLite reads /dev/urandom, and glibc's malloc the number of processors
when two threads first meet in it. It makes no socket, starts no program and interrupts no thread by a signal, and none
of our code reads the environment.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.boundary.programs import COMPILER, EVERY, compiled
from tests.program import ended
from tools.script import IN_CI, Failed, expect, start
from tools.version import DEBUG_LIBRARY

CALL = re.compile(r"\d+ +([a-z]\w*)\(")
QUOTED = re.compile(r'"([^"]*)')
OPENING = re.compile(
    "open|openat|openat2|creat|mkdir|mkdirat|mknod|mknodat|link|linkat|symlink|symlinkat|rename|renameat|renameat2"
    "|unlink|unlinkat|rmdir|truncate|chmod|fchmodat|chown|lchown|fchownat|utimensat|setxattr"
)
WRITING = re.compile("write|writev|pwrite64|pwritev|pwritev2|sendfile|splice|copy_file_range")
REACHING = re.compile("socket|socketpair|connect|bind|sendto|sendmsg|execve|execveat|fork|vfork|kill|tkill|tgkill")

# What is read outside the store's folder.
READ = ("/dev/urandom", "/sys/devices/system/cpu/online")

FUNCTION = re.compile(r"[0-9a-f]+ <(.*)>:$")
READS = re.compile(
    r"(?:call|bl) .*<(?:os\.(?:Getenv|LookupEnv|Environ|ExpandEnv)|syscall\.(?:Getenv|Environ)"
    r"|(?:secure_)?getenv(?:@plt)?)>"
)
# The functions that can read an environment variable, by the calls in the code. The Go runtime reads its own (GOGC,
# GODEBUG and so on) in another way, while it starts.
READERS = [
    "golang.org/x/sys/cpu.processOptions",
    "os.Getenv",
    "os.Getwd",
    "time.LoadLocation.func1",
    "time.initLocal",
    "unixTempFileDir",
]


def traced(program: Path, folder: Path) -> str:
    """The system calls between the two marks that the program makes."""
    trace = COMPILER.out / "output.trace"
    ended("strace", "-f", "-y", "-qq", "-o", trace, program, folder, limit=300).held()
    calls = opened = written = 0
    bad = []
    _, _, inside = trace.read_text(errors="replace").partition('"/mark/begin"')
    for line in inside.partition('"/mark/end"')[0].splitlines()[1:]:
        call = CALL.match(line)
        if call is None:
            continue
        calls += 1
        if OPENING.fullmatch(call[1]):
            opened += 1
            path = QUOTED.search(line)
            read = path is not None and path[1] in READ and "O_RDONLY" in line
            if path is None or not (path[1].startswith(str(folder)) or read):
                bad.append(line)
        elif WRITING.fullmatch(call[1]):
            written += 1
            if str(folder) not in line and "<anon_inode:" not in line:
                bad.append(line)
        elif REACHING.fullmatch(call[1]) or (call[1].startswith("clone") and "CLONE_THREAD" not in line):
            bad.append(line)
    expect(not bad, "output: a system call that should not be:\n" + "\n".join(bad))
    expect(opened and written, "output: the trace shows no store")
    where = f"all in the store's folder or reading {' or '.join(READ)}"
    return f"{calls} system calls, {opened} of them open or change files, {where}"


def readers() -> list[str]:
    """The functions of the library that can read the environment."""
    found = set()
    function = ""
    command = ["objdump", "-d", "--no-show-raw-insn", str(DEBUG_LIBRARY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as objdump:
        assert objdump.stdout is not None
        for line in objdump.stdout:
            if line.endswith(">:\n"):
                begins = FUNCTION.match(line)
                function = begins[1] if begins else ""
            elif ("env" in line or "Env" in line) and READS.search(line):
                found.add(function)
    expect(objdump.returncode == 0, f"{command}: exit status {objdump.returncode}")
    return sorted(found)


def main(_: list[str]) -> None:
    program = compiled("output", *EVERY)
    with tempfile.TemporaryDirectory() as temporary:
        folders = {name: Path(temporary) / name for name in ("open", "closed", "traced")}
        for folder in folders.values():
            folder.mkdir()
        end = ended(program, folders["open"], limit=120)
        end.held()
        if end.said:
            raise end.failure("output: something was written:")
        ended("sh", "-c", 'exec "$@" >&- 2>&-', "sh", program, folders["closed"], limit=120).held()
        if shutil.which("strace") is None:
            print('skipped: the trace needs strace, get it with "apt-get install strace"', file=sys.stderr)
            if IN_CI:
                raise Failed("output: no trace")
            print("output: 0 bytes")
            return
        trace = traced(program, folders["traced"])
    can = readers()
    expect(can == READERS, f"output: the environment is read by: {can}, and should be by: {READERS}")
    print(
        f"output: 0 bytes with stdout and stderr open or closed; {trace};"
        f" {len(can)} functions can read the environment, none of them ours"
    )


if __name__ == "__main__":
    start(main)
