"""What FFmpeg makes of a stream of ours."""

from __future__ import annotations

import re
import struct
import subprocess
import time
from pathlib import Path
from typing import Protocol

import tests.engines.stream as ours
from tests.engines.ffmpeg.front import inward
from tests.engines.ffmpeg.scripts import LIMIT, SUITE, script, settings
from tests.engines.loopback import HOST, await_reader, bound, free_pair, port_of
from tests.engines.stream import SRTPReceiver, SRTPSender

FRAMES = 60  # of 5 ms
BYE = struct.pack(">BBHI", 0x81, 203, 1, ours.SSRC)
# Samples that come out as they went in.
UNCODED = ("opus/48000/2", "L16/48000/2")


class Way(Protocol):
    """How a packet gets to FFmpeg, and the words of receive.sh that are replaced for it."""

    changes: tuple[tuple[str, str], ...]

    def rtp(self, packet: bytes, ffmpeg: tuple[str, int]) -> None: ...
    def rtcp(self, packet: bytes, ffmpeg: tuple[str, int]) -> None: ...


class Secure:
    """FFmpeg gets SRTP."""

    def __init__(self, sender: SRTPSender, *changes: tuple[str, str]) -> None:
        self.sender, self.changes = sender, changes
        self.socket = bound()

    def rtp(self, packet: bytes, ffmpeg: tuple[str, int]) -> None:
        self.socket.sendto(self.sender.protect(packet), ffmpeg)

    def rtcp(self, packet: bytes, ffmpeg: tuple[str, int]) -> None:
        self.socket.sendto(self.sender.protect_rtcp(packet), ffmpeg)


class Fronted:
    """front.py gets SRTP, from a stream that it joins at a ROC; the keys change half-way."""

    changes = (("RTP/SAVP", "RTP/AVP"), (f"a=crypto:1 {SUITE} inline:$KEY\n", ""))

    def __init__(self, roc: int) -> None:
        self.sender = SRTPSender(ours.FIRST, ours.SSRC, roc=roc)
        self.receiver = SRTPReceiver(ours.FIRST, roc=roc)
        self.peer, self.arrives = bound(), bound()
        self.count = 0

    def rtp(self, packet: bytes, ffmpeg: tuple[str, int]) -> None:
        self.count += 1
        if self.count == FRAMES // 2:
            for side in (self.sender, self.receiver):
                side.rekey(ours.SECOND)
        self.peer.sendto(self.sender.protect(packet), (HOST, port_of(self.arrives)))
        inward(self.receiver, self.arrives, ffmpeg)

    def rtcp(self, packet: bytes, ffmpeg: tuple[str, int]) -> None:
        self.peer.sendto(packet, ffmpeg)


class Received:
    """A stream that begins at this index: ``heard`` is whether FFmpeg wrote all of the audio, ``mismatches`` the number
    of wrong tags, ``ended`` whether it read the end, which comes in RTCP."""

    def __init__(self, folder: Path, way: Way, first: int) -> None:
        sound, log, port = folder / "received.s16", folder / "log", free_pair()
        sound.unlink(missing_ok=True)
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                script("receive.sh", UNCODED, *way.changes),
                env=settings(PORT=port, OUTPUT=sound),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        try:
            await_reader(port)
            await_reader(port + 1)
            audio = b""
            for index in range(first, first + FRAMES):
                frame = b"".join(struct.pack(">hh", index % 1000 + i, -i) for i in range(240))
                audio += frame
                way.rtp(ours.rtp(index, frame, plain=True), (HOST, port))
                time.sleep(0.005)
            before = wrong_tags(log)
            way.rtcp(ours.sender_report(1) + BYE, (HOST, port + 1))
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
