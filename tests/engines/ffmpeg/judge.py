"""FFmpeg, Debian's: send.sh, receive.sh and front.py."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import tests.engines.stream as ours
from tests.engines.checks import Checks
from tests.engines.engine import WORK
from tests.engines.ffmpeg.front import outward
from tests.engines.ffmpeg.received import FRAMES, Fronted, Received, Secure
from tests.engines.ffmpeg.scripts import SHORT, SUITE
from tests.engines.ffmpeg.sent import Sent
from tests.engines.loopback import HOST, bound, port_of
from tests.engines.stream import SRTPError, SRTPReceiver, SRTPSender
from tools.script import expect, need, run


def judge_sent(checks: Checks, folder: Path) -> None:
    sent = Sent(folder)
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

    reports = [packet for name, packet in Sent(folder, (SUITE, SHORT)).packets if name == "rtcp"]
    checks.hold(reports, f"it sent no RTCP with the suite {SHORT}")
    for report in reports:
        checks.refused(f"RTCP with the suite {SHORT}", lambda: receiver.unprotect_rtcp(report))  # noqa: B023


def judge_received(checks: Checks, folder: Path) -> None:
    around = Received(folder, Secure(SRTPSender(ours.FIRST, ours.SSRC)), 65500)
    checks.hold(around.heard, "our RTP around the roll-over is not the audio that it writes")
    checks.hold(around.ended and around.mismatches == 0, f"our RTCP is not read, {around.mismatches} tags do not fit")
    short = Received(folder, Secure(SRTPSender(ours.FIRST, ours.SSRC), (SUITE, SHORT)), 100)
    checks.hold(not short.ended and short.mismatches == 1, f"with {SHORT} it reads our RTCP")
    # What docs/engines.md says that it cannot do: a process always begins at ROC 0.
    late = Received(folder, Secure(SRTPSender(ours.FIRST, ours.SSRC, roc=1)), 70000)
    checks.hold(late.ended and not late.heard and late.mismatches == FRAMES, "it reads a stream that it joins at ROC 1")


def judge_fronted(checks: Checks, folder: Path) -> None:
    late = Received(folder, Fronted(1), 70000)
    checks.hold(late.ended and late.heard, "behind our receiver it does not read a stream from ROC 1 with two keys")
    plain = Sent(
        folder,
        ("srtp://", "rtp://"),
        (f"-srtp_out_suite {SUITE} ", ""),
        ('-srtp_out_params "$KEY" ', ""),
    ).packets
    sender, receiver = SRTPSender(ours.FIRST, ours.SSRC, roc=1), SRTPReceiver(ours.FIRST, roc=1)
    count = 0
    with bound() as written, bound() as peer:
        for name, packet in plain:
            if name == "rtp":
                count += 1
                if count == 20:
                    sender.rekey(ours.SECOND)
                    receiver.rekey(ours.SECOND)
                peer.sendto(packet, (HOST, port_of(written)))
                outward(sender, written, peer, (HOST, port_of(peer)))
                checks.hold(receiver.unprotect(peer.recv(2048)) == packet, "behind our sender its packet is another")
    checks.hold(count >= 50 and receiver.roc(ours.SSRC) == 2, f"behind our sender it sent {count} packets")


def judge(checks: Checks) -> str:
    need("ffmpeg", "ffmpeg")
    version = re.match(r"ffmpeg version (\d+\.\d+)", run("ffmpeg", "-version"))
    expect(version, "ffmpeg -version has no version")
    assert version
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as folder:
        judge_sent(checks, Path(folder))
        judge_received(checks, Path(folder))
        judge_fronted(checks, Path(folder))
    return version[1]
