"""What FFmpeg sends."""

from __future__ import annotations

import subprocess
from pathlib import Path

import tests.engines.stream as ours
from tests.engines.ffmpeg.scripts import LIMIT, script, settings
from tests.engines.loopback import arriving, bound, port_of
from tools.script import run


class Sent:
    """The packets of 1.2 seconds that begin just before the sequence number starts again."""

    def __init__(self, folder: Path, *changes: tuple[str, str]) -> None:
        """``changes`` are words of send.sh that are replaced."""
        sound = folder / "sent.wav"
        tone = ("-f", "lavfi", "-i", "sine=440:sample_rate=48000:duration=1.2", "-ac", "2")
        run("ffmpeg", "-v", "error", "-y", *tone, sound, quiet=True, timeout=LIMIT)
        with bound() as rtp, bound() as rtcp:
            ports = {"PORT": port_of(rtp), "RTCP_PORT": port_of(rtcp)}
            process = subprocess.Popen(
                script("send.sh", *changes),
                env=settings(INPUT=sound, SSRC=ours.SSRC, SEQUENCE=65530, **ports),
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
