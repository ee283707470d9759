"""FFmpeg, Debian's: send.sh and receive.sh."""

from __future__ import annotations

import base64
import os
import re
import struct
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import tests.engines.stream as ours
from tests.engines.checks import Checks
from tests.engines.engine import WORK
from tests.engines.loopback import HOST, arriving, await_reader, bound, free_pair, port_of
from tests.engines.stream import SRTPError, SRTPReceiver, SRTPSender
from tools.script import expect, need, run

HERE = Path(__file__).resolve().parent
SUITE = "SRTP_AES128_CM_HMAC_SHA1_32"
SHORT = "AES_CM_128_HMAC_SHA1_32"  # its tags are of 4 bytes in RTCP too
OPUS = "opus/48000/2"
LIMIT = 20
FRAMES = 60  # of 5 ms
BYE = struct.pack(">BBHI", 0x81, 203, 1, ours.SSRC)


def script(name: str, old: str = "", new: str = "") -> list[str]:
    """The command for a script, with one word replaced."""
    text = (HERE / name).read_text(encoding="utf-8")
    expect(not old or old in text, f"{name} has no {old}")
    return ["sh", "-c", text.replace(old, new) if old else text]


def settings(keys: ours.callkey.SRTPKeys, **more: object) -> dict[str, str]:
    key = base64.b64encode(keys.libsrtp_key).decode()
    return {**os.environ, "KEY": key, "HOST": HOST, **{name: str(value) for name, value in more.items()}}


class Sent:
    """What FFmpeg sends in 1.2 seconds that begin just before the sequence number starts again."""

    def __init__(self, folder: Path, suite: str) -> None:
        sound = folder / "sent.wav"
        tone = ("-f", "lavfi", "-i", "sine=440:sample_rate=48000:duration=1.2", "-ac", "2")
        run("ffmpeg", "-v", "error", "-y", *tone, sound, quiet=True, timeout=LIMIT)
        with bound() as rtp, bound() as rtcp:
            ports = {"PORT": port_of(rtp), "RTCP_PORT": port_of(rtcp)}
            process = subprocess.Popen(
                script("send.sh", SUITE, suite),
                env=settings(ours.FIRST, INPUT=sound, SSRC=ours.SSRC, SEQUENCE=65530, **ports),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            try:
                self.packets = []
                for name, packet in arriving({"rtp": rtp, "rtcp": rtcp}, 10, lambda: process.poll() is not None):
                    self.packets.append((name, packet))
                self.said = process.communicate(timeout=LIMIT)[0]
            finally:
                process.kill()


class Received:
    """What FFmpeg makes of a stream of ours that begins at this index: ``heard`` is whether it is all of the audio,
    ``mismatches`` the number of wrong tags, ``ended`` whether it read the end, which comes in RTCP."""

    def __init__(self, folder: Path, suite: str, sender: SRTPSender, first: int) -> None:
        sound, log, port = folder / "received.s16", folder / "log", free_pair()
        sound.unlink(missing_ok=True)
        command = script("receive.sh", OPUS, "L16/48000/2")
        command[-1] = command[-1].replace(SUITE, suite)
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                command,
                env=settings(ours.FIRST, PORT=port, OUTPUT=sound),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        try:
            await_reader(port)
            await_reader(port + 1)
            audio = b""
            with bound() as socket:
                for index in range(first, first + FRAMES):
                    frame = b"".join(struct.pack(">hh", index % 1000 + i, -i) for i in range(240))
                    audio += frame
                    socket.sendto(sender.protect(ours.rtp(index, frame, plain=True)), (HOST, port))
                    time.sleep(0.005)
                before = wrong_tags(log)
                socket.sendto(sender.protect_rtcp(ours.sender_report(1) + BYE), (HOST, port + 1))
                until = time.monotonic() + LIMIT
                while process.poll() is None and wrong_tags(log) == before and time.monotonic() < until:
                    time.sleep(0.05)
                self.ended = process.poll() is not None
        finally:
            process.kill()
            process.wait()
        self.mismatches = wrong_tags(log)
        heard = sound.read_bytes() if sound.exists() else b""
        self.heard = heard == b"".join(audio[i + 1 : i + 2] + audio[i : i + 1] for i in range(0, len(audio), 2))


def wrong_tags(log: Path) -> int:
    """FFmpeg writes the second equal line only as a number."""
    said = log.read_text(encoding="utf-8", errors="replace")
    again = re.findall(r"HMAC mismatch\n\s*Last message repeated (\d+) times", said)
    return said.count("HMAC mismatch") + sum(map(int, again))


def judge_sent(checks: Checks, folder: Path) -> None:
    sent = Sent(folder, SUITE)
    receiver = SRTPReceiver(ours.FIRST, roc=0)
    opened = {"rtp": 0, "rtcp": 0}
    frames = set()
    for name, packet in sent.packets:
        try:
            clear = receiver.unprotect_rtcp(packet) if name == "rtcp" else receiver.unprotect(packet)
        except SRTPError as error:
            checks.hold(False, f"its {name} packet: {error}")
        opened[name] += 1
        if name == "rtp":
            checks.hold(len(packet) - len(clear) == 4, f"RTP has a tag of {len(packet) - len(clear)} bytes")
            frames.add(clear[12])
        else:
            checks.hold(len(packet) - len(clear) == 14, f"RTCP grows by {len(packet) - len(clear)} bytes")
    checks.hold(opened["rtp"] >= 50 and opened["rtcp"] >= 1, f"it sent {opened}")
    checks.hold(frames == {0xFC}, f"its frames begin with {sorted(frames)}, not with Opus's byte for 20 ms in stereo")
    checks.hold(receiver.roc(ours.SSRC) == 1, "its stream ends at another ROC than 1")
    checks.hold(b"inline" not in sent.said, "it printed the key")

    reports = [packet for name, packet in Sent(folder, SHORT).packets if name == "rtcp"]
    checks.hold(reports, f"it sent no RTCP with the suite {SHORT}")
    for report in reports:
        checks.refused(f"RTCP with the suite {SHORT}", lambda: receiver.unprotect_rtcp(report))  # noqa: B023


def judge_received(checks: Checks, folder: Path) -> None:
    around = Received(folder, SUITE, SRTPSender(ours.FIRST, ours.SSRC), 65500)
    checks.hold(around.heard, "our RTP around the roll-over is not the audio that it writes")
    checks.hold(around.ended and around.mismatches == 0, f"our RTCP is not read, {around.mismatches} tags do not fit")
    short = Received(folder, SHORT, SRTPSender(ours.FIRST, ours.SSRC), 100)
    checks.hold(not short.ended and short.mismatches == 1, f"with {SHORT} it reads our RTCP")
    # What docs/engines.md says that it cannot do: a process always begins at ROC 0.
    late = Received(folder, SUITE, SRTPSender(ours.FIRST, ours.SSRC, roc=1), 70000)
    checks.hold(late.ended and not late.heard and late.mismatches == FRAMES, "it reads a stream that it joins at ROC 1")


def judge(checks: Checks) -> str:
    need("ffmpeg", "ffmpeg")
    version = re.match(r"ffmpeg version (\d+\.\d+)", run("ffmpeg", "-version"))
    expect(version, "ffmpeg -version has no version")
    assert version
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as folder:
        judge_sent(checks, Path(folder))
        judge_received(checks, Path(folder))
    return version[1]
