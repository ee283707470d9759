"""SRTP contexts of callkey.srtp in front of FFmpeg, which reads and writes plain RTP."""

from __future__ import annotations

from contextlib import suppress
from socket import socket

import tests.engines.stream  # noqa: F401  the package's folder
from callkey.srtp import SRTPError, SRTPReceiver, SRTPSender


# docs: front
def inward(receiver: SRTPReceiver, arrives: socket, ffmpeg: tuple[str, int]) -> None:
    """One SRTP packet of the other side goes to FFmpeg, which reads ``m=audio PORT RTP/AVP 120`` without a=crypto."""
    packet = arrives.recv(2048)
    with suppress(SRTPError):  # forged, repeated, or of other keys
        arrives.sendto(receiver.unprotect(packet), ffmpeg)


def outward(sender: SRTPSender, written: socket, leaves: socket, peer: tuple[str, int]) -> None:
    """One RTP packet that FFmpeg writes to rtp://HOST:PORT goes to the other side."""
    leaves.sendto(sender.protect(written.recv(2048)), peer)


# docs: end
