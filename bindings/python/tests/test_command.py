"""The callkey command as a whole: its help, its exit statuses, its manners at a terminal and in a pipe."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest
from command import FINGERPRINT, KEY_HEX, SRC, Command, captured, run
from conftest import COUNTING, PHONE, TREE

import callkey
from callkey.cli import exits, progress

HELP = Path(__file__).parent / "help"
ACTIONS = tuple(f"session {action}" for action in ("list", "show", "export", "import", "remove"))
COMMANDS = (
    "derive",
    "inspect",
    "open",
    "capture",
    "session",
    *ACTIONS,
    "select",
    "frame",
    "vectors",
    "selftest",
    "tree",
)
VECTORS = TREE / "testdata" / "vectors"


def help_of(name: str) -> str:
    return (HELP / f"{name.replace(' ', '-')}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ("callkey", *COMMANDS))
def test_help(name: str) -> None:
    # A person would read options that are not there. (To accept a change: write what --help prints into tests/help/.)
    done = run(*([] if name == "callkey" else name.split()), "--help", COLUMNS="80", NO_COLOR="1")
    assert (done.status, done.err) == (0, "")
    assert done.out == help_of(name)
    assert max(map(len, done.out.splitlines())) <= 80


def test_examples_in_help() -> None:
    # A command would reject the example in its own help.
    from callkey.cli.program import parser

    for name in ("callkey", *COMMANDS):
        text = help_of(name).replace("\\\n", " ")
        for line in re.findall(r"(?:^|\| |&& ) *(callkey \S.*)$", text, re.M):
            if line.startswith("callkey COMMAND"):
                continue
            for one in line.split("&&"):
                parser().parse_args(one.split()[1:])


def test_version(command: Command) -> None:
    # A bug report could not name the version.
    done = command("--version")
    assert (done.status, done.out) == (0, f"callkey {callkey.__version__}\n")


def test_selftest(command: Command) -> None:
    # Nobody could tell whether the library works on a machine.
    done = command("selftest")
    assert (done.status, done.err) == (0, "")
    assert callkey.load() in done.out and "every primitive" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["derive"],
        ["derive", "--key"],
        ["derive", "--key", "absent.key", PHONE],
        ["derive", "--key", ".", PHONE],
        ["derive", "--call-id", "AB12"],
        ["derive", "--key", "-", "--hbh-key", "-", PHONE],
        ["derive", "--json", "--hex", "--call-id", "AB12", PHONE],
        ["derive", "--call-id", "AB12", ""],
        ["derive", "--call-id", "", PHONE],
        ["derive", "--call-id", "AB12", "x" * 200],
        ["inspect"],
        ["inspect", "absent.bin"],
        ["open", "absent.bin", "--own", PHONE, "--session", "absent.bin"],
        ["open", "absent.bin", "--own", PHONE],
        ["session", "list"],
        ["select", "--key", "absent.key", "--packet", "absent.bin"],
        ["vectors"],
        ["vectors", "absent.json"],
        ["vectors", "."],
        ["tree", "--width", "7"],
        ["tree", "--svg", "absent/keys.svg"],
    ],
)
def test_usage(command: Command, arguments: list[str]) -> None:
    # A script could not tell its own mistake from a call that is not genuine.
    done = command(*arguments)
    assert (done.status, done.out) == (exits.USAGE, "")
    assert re.fullmatch(r"callkey: error: \S.*\n", done.err)


@pytest.mark.parametrize(
    "arguments, told",
    [
        ([], "a COMMAND is needed"),
        (["zzz"], 'there is no command "zzz"'),
        (["DERIVE"], 'there is no command "DERIVE"; did you mean derive?'),
        (["\x1b[2J"], 'there is no command "\\x1b[2J"'),
        (["--"], "a COMMAND is needed"),
        (["session"], "an ACTION is needed"),
        (["session", "--"], "an ACTION is needed"),
        (["session", "shwo", "--store", "x"], 'there is no action "shwo"; did you mean show?'),
    ],
)
def test_what_there_is(command: Command, arguments: list[str], told: str) -> None:
    # Who does not know the commands would have to know that there is --help.
    done = command(*arguments)
    assert (done.status, done.out) == (exits.USAGE, "")
    error, _, title, *lines, _, more = done.err.splitlines()
    assert error == f"callkey: error: {told}"
    top = arguments[:1] != ["session"]
    assert title == ("commands:" if top else "actions:") and "--help" in more
    assert [line.split()[0] for line in lines] == [name.split()[-1] for name in COMMANDS if (name in ACTIONS) != top]
    for line in lines:  # the same words as in the help, in columns of their own
        assert " ".join(line.split()) in " ".join(help_of("callkey" if top else "session").split())


def test_every_status_has_its_place() -> None:
    # A new kind of failure would end as something that it is not.
    documented = {int(number) for number in re.findall(r"^  (\d)", exits.EXPLAINED, re.M)}
    assert documented == {0, 1, 2, 3, 4, 5}
    for error in callkey.errors.BY_STATUS.values():
        assert exits.status_of(error("")) in documented - {0}


KEY_BASE64 = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k="


@pytest.mark.parametrize(
    "secret", [KEY_HEX, KEY_HEX.upper(), "0x" + KEY_HEX, ":".join(re.findall("..", KEY_HEX)), KEY_BASE64]
)
@pytest.mark.parametrize(
    "arguments",
    [
        ["derive", "--key", "{}", PHONE],
        ["derive", "--key={}", PHONE],
        ["derive", "--hbh-key", "{}"],
        ["derive", "{}"],
        ["open", "offer.bin", "--own", PHONE, "--session", "{}"],
        ["open", "offer.bin", "--own", PHONE, "--identity", "identity.key", "--prekey", "9={}"],
        ["open", "offer.bin", "--own", PHONE, "--identity", "identity.key", "--signed-prekey=9={}"],
        ["session", "list", "--store", "calls.db", "--storage-key", "{}"],
        ["session", "import", "--store", "calls.db", "--plaintext", PHONE, "{}"],
        ["{}"],
        ["derive", "--nonsense", "{}"],
    ],
)
def test_secret_on_the_command_line(command: Command, secret: str, arguments: list[str]) -> None:
    # A key would stand in the process list, in the shell's history, and again in an error.
    done = command(*(argument.format(secret) for argument in arguments))
    assert (done.status, done.out) == (exits.USAGE, "")
    assert "looks like a key" in done.err and "treat it as exposed" in done.err
    assert secret not in done.err and secret[:16] not in done.err


def test_what_only_looks_like_a_secret(command: Command) -> None:
    # A file named by its hash, or a call id, could not be given.
    named = command.file("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", COUNTING)
    assert command("derive", "--key", named.name, PHONE).status == 0
    call_id = command("derive", "--call-id", "0AB1C2D3E4F5061728394A5B6C7D8E9F", PHONE)
    assert call_id.status == 0
    folder = command.folder / "Captures2026" / "ofCallsThatWereNeverAnswered"
    folder.mkdir(parents=True)
    missing = command("derive", "--key", folder.relative_to(command.folder) / "FirstKey1", PHONE)
    assert "No such file" in missing.err


def test_nothing_secret_is_repeated(command: Command) -> None:
    # Unreadable input would appear in the error, and from there in a log.
    for contents in (KEY_HEX[:-2], KEY_HEX + "00", COUNTING[:-1], COUNTING + b"!", b"q83vASNFZ4mrze8BI0VniavN7wEjRWeJ"):
        text = contents if isinstance(contents, str) else contents.decode("latin-1")
        done = command("derive", "--key", command.file("call.key", contents), PHONE)
        assert (done.status, done.out) == (exits.USAGE, "")
        assert "bytes" in done.err and text[:8] not in done.err


def test_standard_input() -> None:
    # A key could not come from a keychain through a pipe.
    done = run("derive", "--key", "-", PHONE, stdin=KEY_HEX.encode())
    assert (done.status, done.err) == (0, "")
    assert "read as hex from standard input" in done.out and FINGERPRINT in done.out
    assert run("derive", "--key", "-", PHONE).err == "callkey: error: standard input is empty\n"


def test_reader_gone() -> None:
    # `callkey … | head` would end in a traceback.
    with subprocess.Popen(
        [sys.executable, "-m", "callkey", "vectors", str(VECTORS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SRC), "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == exits.READER_GONE


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["selftest", "tree", "--help", "tree --svg -"])
def test_output_lost(arguments: str) -> None:
    # A full disk would go unnoticed, or end in a traceback; so would an output that was closed.
    command = f"{sys.executable} -m callkey {arguments}"
    environment = {**os.environ, "PYTHONPATH": str(SRC), "PYTHONUNBUFFERED": ""}  # so that it fails at the end
    full = subprocess.run(["sh", "-c", command + " >/dev/full"], stderr=subprocess.PIPE, text=True, env=environment)
    assert (full.returncode, full.stderr) == (
        exits.FAILED,
        "callkey: error: can't write the output: No space left on device\n",
    )
    closed = subprocess.run(["sh", "-c", command + " >&-"], stderr=subprocess.PIPE, text=True, env=environment)
    assert (closed.returncode, closed.stderr) == (exits.USAGE, "callkey: error: there is no standard output\n")
    silent = subprocess.run(["sh", "-c", command + " >/dev/full 2>&-"], env=environment)
    assert silent.returncode == exits.FAILED


@pytest.mark.slow
def test_ascii_output() -> None:
    # Where the output knows only ASCII the command would end in a UnicodeEncodeError, or in a heap of escapes.
    for arguments in (["tree"], ["vectors", str(VECTORS / "check.json")], ["selftest"]):
        done = run(*arguments, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
        assert (done.status, done.err) == (0, "")
        assert done.out.isascii() and "\\x" not in done.out and "\\u" not in done.out


def test_no_library(tmp_path: Path) -> None:
    # A machine where the library can't run would look like a bad call key.
    program = (
        "import sys\nimport callkey._library as library\nfrom callkey.cli import main\n"
        "library._musl = lambda: True\nsys.exit(main(['selftest']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(SRC)}
    )
    assert done.returncode == exits.NO_LIBRARY
    assert "this Python runs on musl" in done.stderr and done.stderr.count("\n") == 1


def test_interrupted(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    # Ctrl-C would end in a traceback.
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(callkey, "selftest", interrupt)
    assert command("selftest").status == exits.INTERRUPTED


def at_terminal(*arguments: str, typed: bytes = b"", **environment: str) -> tuple[int, str]:
    """Runs the command with a terminal as its standard input, output and error; the status and what it showed."""
    here, there = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "callkey", *arguments],
        stdin=there,
        stdout=there,
        stderr=there,
        start_new_session=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), "PYTHONUTF8": "1", "TERM": "xterm", **environment},
    ) as process:
        os.close(there)
        shown = b""
        while True:
            ready, _, _ = select.select([here], [], [], 60)
            assert ready, "the command hangs"
            try:
                part = os.read(here, 4096)
            except OSError:  # the other end is closed
                break
            shown += part
            if not part:
                break
            if typed and b"base64: " in shown:
                os.write(here, typed)
                typed = b""
    os.close(here)
    return process.returncode, shown.decode().replace("\r\n", "\n")


@pytest.mark.slow
def test_colours() -> None:
    # A terminal would be grey, or a file and those who want none would get escapes.
    assert "\x1b[32" in at_terminal("selftest")[1]
    assert "\x1b" not in at_terminal("selftest", NO_COLOR="1")[1]
    assert "\x1b" not in at_terminal("selftest", TERM="dumb")[1]
    assert "\x1b" not in run("selftest").out


@pytest.mark.slow
def test_progress() -> None:
    # Long work would look as if it hung; or the progress would get into a file or stay on the screen.
    # Several times the tenth of a second that is left without it.
    many = [str(VECTORS)] * 15
    status, shown = at_terminal("vectors", *many)
    assert status == 0
    assert re.search(r"\r\x1b\[K *\d+ %  \d+ of \d+  \w+\.json", shown)
    assert "\r\x1b[K\x1b" in shown or "\r\x1b[K✓" in shown
    assert run("vectors", *many).err == ""


def test_progress_of_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody knows its size, and the progress would be 500 % of 0.
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, clock = Terminal(), iter(range(10))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("callkey.cli.progress.time.monotonic", lambda: next(clock))
    with progress.Progress(0) as shown:
        shown.at(5, "MiB")
    with progress.Progress(20) as shown:
        shown.at(5, "MiB")
    assert terminal.getvalue().split("\r\x1b[K") == ["", "5 MiB", "", " 25 %  5 of 20  MiB", ""]


def test_typed_key() -> None:
    # A key that is typed would be shown.
    status, shown = at_terminal("derive", "--key", "-", PHONE, typed=KEY_HEX.encode() + b"\n", NO_COLOR="1")
    assert status == 0
    assert shown.startswith("call key, in hex or base64: ")
    assert KEY_HEX not in shown and FINGERPRINT in shown


@pytest.mark.slow
def test_installed() -> None:
    # The package would be there and the command not.
    script = Path(sys.executable).with_name("callkey")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, f"callkey {callkey.__version__}\n")


def test_import_stays_small() -> None:
    # A program that only derives keys would load a command line.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import callkey, sys; print([m for m in sys.modules if 'callkey.cli' in m or m == 'argparse'])",
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    assert done.stdout == "[]\n"


def test_peer_text_is_harmless(command: Command) -> None:
    # A captured stanza could move the cursor, or write anything on the terminal.
    hostile = "\x1b]0;owned\x07\u202e\n"
    wire = callkey.offer_build(
        [callkey.Enc(PHONE, callkey.EncType.MSG, captured().again)],
        callkey.OfferOptions(to=PHONE, call_id=hostile, call_creator=PHONE),
    )
    done = command("inspect", command.file("offer.bin", wire))
    assert "\\x1b]0;owned\\x07\\xe2\\x80\\xae\\x0a" in done.out
    assert not re.search("[\x1b\x07\u202e]", done.out)
    for arguments, status in (["--any-id"], exits.OK), ([], exits.USAGE):
        named = command("derive", "--call-id", "AB12", *arguments, hostile + "@lid")
        assert named.status == status and not re.search("[\x1b\x07\u202e]", named.out + named.err)
