"""make test-media: run the media engine's calls faster than real time and check their output and files. The last
line is "N passed, N failed". The output of each run stays in build/tests-media."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Optional

from tests.media.pcap import read as read_pcap
from tests.media.watch import build as build_watch
from tests.media.watch import watch
from tests.program import ended
from tests.python.run import environment
from tools.media_engine import build, need_libraries
from tools.script import PYTHON, ROOT, Failed, Tally, Word, expect, start

OUT = Path("build/tests-media")
SPEED = "4"
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
RACES = ("-fsanitize=thread",)
WAV_HEADER = 44
SECOND = 32000  # bytes of 16-bit samples at 16 kHz


class Run:
    """A run that has ended, and checks of its output."""

    def __init__(
        self, tally: Tally, name: str, status: int, *command: Word, env: Optional[dict[str, str]] = None
    ) -> None:
        self.tally = tally
        self.name = name
        end = ended(*command, limit=120, env=env)
        (OUT / f"{name}.log").write_text(end.said)
        self.stdout = end.stdout
        with tally.test(f"{name}: exit status {status}, stderr empty"):
            if end.status != status or end.stderr:
                raise end.failure()

    def says(self, *lines: tuple[int, str]) -> None:
        """A given number of lines must match each pattern."""
        for count, pattern in lines:
            matches = sum(bool(re.search(pattern, line)) for line in self.stdout.splitlines())
            with self.tally.test(f"{self.name}: {count} x {pattern}"):
                expect(matches == count, f"{self.name}: {matches} lines, not {count}")


def compilers(tally: Tally) -> None:
    for cc in ("gcc", "clang"):
        if shutil.which(cc):
            with tally.test(f"compiles with {cc}, no warning"):
                build(OUT / f"media-engine-{cc}", cc=[cc])


def plain() -> Path:
    """A program without sanitizers."""
    made = [OUT / f"media-engine-{cc}" for cc in ("gcc", "clang") if (OUT / f"media-engine-{cc}").exists()]
    return made[0] if made else build(OUT / "media-engine-plain")


def users(tally: Tally) -> None:
    """An engine must not call libcallkey per packet; here only one file calls it at all."""
    files = Path("examples/media-engine").glob("*.[ch]")
    using = [str(file) for file in files if "callkey_" in file.read_text()]
    with tally.test("keys.c is the only file that calls libcallkey"):
        expect(using == ["examples/media-engine/keys.c"], f"files that call libcallkey: {using}")


def threads(tally: Tally) -> None:
    """An audio thread must not wait: it never enters libcallkey, allocates nothing and takes no lock."""
    end, watched = watch(build_watch(OUT), OUT / "watch", plain(), "--speed", "8", OUT / "watched")
    with tally.test("threads: the audio threads only sleep until their next turn, and others call libcallkey"):
        if end.status != 0 or end.stderr:
            raise end.failure()
        expect(watched.others > 100, f"threads: {watched.others} calls into libcallkey were seen")
        called = watched.engine()
        expect(called == {"clock_nanosleep"}, f"threads: the audio threads called {sorted(called)}")


def capture(tally: Tally, call: Run) -> None:
    """What bob:2 saw on the wire and as stanzas, for whoever studies the call with its account from before it."""
    said = re.findall(r"ok .* (?:bob:2 -> [a-z]+|[a-z]+ +[-~]> bob:2) +of ([0-9]+) packets", call.stdout)
    with tally.test("call: the capture has every packet to and from bob:2, well formed"):
        packets = read_pcap(OUT / "call.pcap")
        rtp, rtcp = (
            Counter((packet.ssrc, packet.destination) for packet in packets if packet.rtcp == kind)
            for kind in (False, True)
        )
        expect(sorted(rtp.values()) == sorted(map(int, said)), f"call: {rtp} captured, {said} said")
        expect(sorted(rtcp.values())[2:] == [19, 19], f"call: of RTCP {rtcp}")
    with tally.test("call: the log has the offer, its redelivery and the epoch"):
        stanzas = [json.loads(line) for line in (OUT / "call.pcap.jsonl").read_text().splitlines()]
        seen = [(each["direction"], each["from"], each["stanza"][:4]) for each in stanzas]
        expect(seen == [("in", "111111111111111:0@lid", "00f8")] * 3, f"call: the log has {seen}")
        expect(stanzas[0]["stanza"] == stanzas[1]["stanza"] != stanzas[2]["stanza"], "call: the log's stanzas")
    with tally.test("call: bob:2's account from before the call is beside it, and no other file"):
        files = {path.name for path in OUT.glob("call.pcap*")}
        expect(files == {"call.pcap", "call.pcap.jsonl", "call.pcap.db"}, f"call: {files}")


def solved(tally: Tally) -> None:
    """Who has a device's account from before a call, its stanzas and its packets gets the media with one command."""
    files = (OUT / "call.pcap", "--log", OUT / "call.pcap.jsonl", "--store", OUT / "call.pcap.db", "--plaintext")
    who = ("--own", "222222222222222:2@lid", "--participant", "333333333333333:4@lid")
    end = ended(environment(), "-m", "callkey", "capture", *files, *who, "--json", limit=120)
    with tally.test("call: callkey capture solves it: every packet is authentic, and no ROC began again"):
        if end.status != 0:
            raise end.failure()
        result = json.loads(end.stdout)
        streams = result["streams"]
        found = sorted((each["sender"], each["kind"], each["rtcp"]) for each in streams)
        alice, bob, carol = "111111111111111:0@lid", "222222222222222:2@lid", "333333333333333:4@lid"
        audio = [(device, "audio", rtcp) for device in (alice, bob, carol) for rtcp in (False, True)]
        expect(found == sorted([*audio, (alice, "video", False)]), f"call: it found {found}")
        authentic = sum(each["packets"] + each["duplicates"] for each in streams)
        captured = len(read_pcap(OUT / "call.pcap"))
        expect(authentic == captured, f"call: of {captured} packets {authentic} are authentic")
        expect(not result["refused"] and not result["missing"], f"call: {result['refused']}, {result['missing']}")
        audio_rtp = [each for each in streams if each["kind"] == "audio" and not each["rtcp"]]
        rocs = [(each["roc_first"], each["roc_last"]) for each in audio_rtp if each["sender"] in (alice, bob)]
        expect(rocs == [(0, 1)] * 2, f"call: the roll-over counters are {rocs}")
        lost = sum(each["lost"] for each in streams if not (each["sender"] == carol or each["rtcp"]))
        expect(lost == 0, f"call: {lost} packets of alice and bob:2 are lost")
        changes = [(each["before"], each["after"], each["roc_kept"]) for each in result["changes"]]
        expect(changes == [("call key", "epoch 1", True)] * 5, f"call: the changes {changes}")


def unrandomized(program: Path) -> tuple[Word, ...]:
    """The command of a program with ThreadSanitizer, which older compilers' do not start under every layout."""
    for command in ((program,), ("setarch", "-R", program)):
        if "usage: media-engine" in ended(*command, limit=60).stderr:
            return command
    raise Failed(f"{program} does not start")


def calls(tally: Tally, program: Path, racing: Path) -> None:
    def run(name: str, status: int, *options: Word, by: tuple[Word, ...] = (program,)) -> Run:
        return Run(tally, name, status, *by, "--speed", SPEED, *options, OUT / name)

    races = unrandomized(racing)

    call = run("call", 0, "--pcap", OUT / "call.pcap")
    call.says(
        (1, r"ok +bob:2 answered, and alice found out: bob:2$"),
        (6, r"ok .* 0 lost, 0 refused; ROC 1$"),
        (1, r"ok +key changed on 6 of 6 streams"),
        (1, r"ok +ROC wrapped and kept on 4 of 4 streams; [1-9][0-9]* packets in the overlap"),
        (6, r"[a-z:2]+ -> [a-z:2]+ .* 1  [0-9a-f]{16}$"),
        (2, r"(alice -> bob:2|bob:2 -> alice) .* -  [0-9a-f]{16}$"),
        # Both streams were past the wrap when their key changed.
        (2, r"(alice|bob:2) sends under the epoch from packet [0-9]+: ROC 1,"),
        (1, r"ok +RTCP: 38 sent, 38 authentic, told lost 0,"),
        (1, r"ok +libcallkey was called on 1 of [0-9]{4} packets of audio"),
        # A picture is an SFrame frame inside SRTP: all arrive, across the change of key, and are what the camera saw.
        (1, r"ok +alice ~> bob:2 +of ([0-9]+) packets \1 authentic, 180 of 180 SFrame pictures$"),
        (1, r"ok +alice ~> carol +of ([0-9]+) packets \1 authentic, ([0-9]+) of \2 SFrame pictures$"),
        (6, r"ok .* correlation 0\.9[0-9]+ of at least 0\.90"),
    )
    size = (OUT / "call/alice-heard-by-bob.wav").stat().st_size
    with tally.test("call: the recording is complete"):
        expect(size >= WAV_HEADER + 18 * SECOND, f"call: a recording of {size} bytes")

    capture(tally, call)
    solved(tally)

    # The sequence numbers wrap while both keys are in use and Carol joins: what she is told is from before the wrap,
    # what she hears first from after it. ThreadSanitizer watches the contexts go from thread to thread.
    run("wrap", 0, "--wrap-at", "10.2", by=races).says(
        (1, r"ok +ROC wrapped and kept on 4 of 4 streams"),
        (6, r"ok .* 0 lost, 0 refused; ROC [01]$"),
    )
    # A recording of the call is as good a source as any, if shorter than the call it is repeated.
    run("again", 0, "--wav", OUT / "call/carol-heard-by-alice.wav").says((6, r"ok .* correlation"))
    # Keys for the base id while device 2 answered. The other direction has the right keys.
    run("wrong", 1, "--wrong-device").says(
        (1, r"FAIL +bob:2 answered, and alice found out: bob:0$"),
        (1, r"FAIL +bob:2 -> alice +of 200 packets 0 authentic, 0 lost, 200 refused"),
        (1, r"FAIL +bob:2 -> alice +correlation 0\.[01][0-9]+ "),
        (1, r"ok +alice -> bob:2 +of 200 packets 200 authentic"),
        (1, r"ok +alice -> bob:2 +correlation 0\.9"),
    )


def demo(tally: Tally) -> None:
    """make demo-media shows a call and the bug."""
    shown = Run(tally, "demo", 0, PYTHON, "-m", "tools.media_engine", env={"SPEED": SPEED})
    shown.says((1, "^19 passed, 0 failed$"), (1, "^4 passed, 4 failed$"))
    with tally.test("demo: no line is longer than 80 columns"):
        longest = max(shown.stdout.splitlines(), key=len)
        expect(len(longest) <= 80, f"demo: a line of {len(longest)} columns: {longest}")


def death(tally: Tally, program: Path) -> None:
    """A participant that dies ends the call for all, with one line that names it."""
    said = OUT / "death.err"
    with said.open("w") as errors:
        engine = subprocess.Popen([ROOT / program, OUT / "death"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
        children, alice = participants(engine)
        if alice is not None:
            os.kill(alice, signal.SIGKILL)
        status = engine.wait(30)
    with tally.test("death: exit status 1, one line, no process left"):
        expect(len(children) >= 3 and alice is not None, f"death: the processes {children} and alice's {alice}")
        expect(status == 1, f"death: exit status {status}")
        expect(said.read_text() == "media-engine: alice failed\n", f"death: {said.read_text()}")
        left = [pid for pid in children if Path(f"/proc/{pid}").exists()]
        expect(not left, f"death: processes left: {left}")


def participants(engine: subprocess.Popen[bytes]) -> tuple[list[int], Optional[int]]:
    """The engine's processes, once it has been in its call for three seconds, and which of them is Alice's."""
    time.sleep(3)
    children = [int(pid) for pid in Path(f"/proc/{engine.pid}/task/{engine.pid}/children").read_text().split()]
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children}
    alices = [pid for pid, line in lines.items() if [b"--be", b"alice"] == line[1:3]]
    return children, alices[0] if alices else None


def refused(tally: Tally, program: Path) -> None:
    """A WAV file of another format is rejected before anything starts."""
    short = OUT / "short.wav"
    short.write_bytes((OUT / "call/alice.wav").read_bytes()[:40])
    end = ended(program, "--wav", short, OUT / "refused", limit=60)
    with tally.test("a truncated WAV file is refused"):
        if end.status == 0 or not re.fullmatch(".*short.wav: not a WAV file, or truncated.*\n", end.stderr):
            raise end.failure()


def main(_: list[str]) -> int:
    os.chdir(ROOT)
    need_libraries()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    tally = Tally()
    compilers(tally)
    try:
        # Also for leaks.
        program = (ROOT / build(OUT / "media-engine", *SANITIZED)).absolute()
        racing = (ROOT / build(OUT / "media-engine-races", *RACES)).absolute()
    except Failed:
        return tally.end() or 1
    users(tally)
    threads(tally)
    calls(tally, program, racing)
    demo(tally)
    death(tally, program)
    refused(tally, program)
    return tally.end()


if __name__ == "__main__":
    start(main)
