"""SRTP and SRTCP packets in Python scripts, from the package's SRTPKeys (RFC 3711)::

    from callkey.srtp import SRTPReceiver, SRTPSender

    with key.e2e_keys("222222222222222:0@lid") as keys, SRTPReceiver(keys) as receiver:
        for packet in packets:
            rtp = receiver.unprotect(packet)

It is for captures, tests and tools. A media engine has SRTP of its own, in C, and takes
``SRTPKeys.libsrtp_key``.

AES_CM_128_HMAC_SHA1 without MKI, with tags of 4 bytes for RTP, or 10 (auth_tag=10), and of 10 for RTCP. A packet
is any contiguous buffer: bytes, bytearray, memoryview, array.array, a numpy array. The results are bytes.

The keys stay the SRTPKeys object's: nothing is derived or copied from them, each packet reads them, and nothing of them
is left in memory once they are wiped (except on PyPy, where HMAC is written in Python and copies its key). Wipe them
after the last packet: a later one raises WipedError.

It needs cryptography for AES: ``pip install 'callkey[srtp]'``.
"""

from ._check import check
from ._errors import AuthenticationError, MalformedPacketError, ReplayError, SRTPError
from ._receiver import SRTPReceiver
from ._sender import SRTPSender

__all__ = [
    "AuthenticationError",
    "MalformedPacketError",
    "ReplayError",
    "SRTPError",
    "SRTPReceiver",
    "SRTPSender",
    "check",
]
