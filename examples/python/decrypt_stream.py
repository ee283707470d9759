"""Decrypt the streams that one device sends, and say what became of each packet.

    python3 decrypt_stream.py                               # a stream made up here
    python3 decrypt_stream.py KEY JID PACKETS [ROC]         # files of hex, a packet in each line, and the sender

It needs cryptography: pip install 'callkey[srtp]'. ROC is the roll-over counter at the first packet, otherwise 0.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import callkey
from callkey.srtp import SRTPError, SRTPReceiver, SRTPSender

DEVICE, SSRC = "222222222222222:0@lid", 0x12345678


def made_up(key: callkey.CallKey) -> list[bytes]:
    """Five packets around a roll-over, of which one overtakes another, one comes twice, and one is changed."""
    header = b"\x80\x78%b\0\0\0\0" + SSRC.to_bytes(4, "big")
    with key.e2e_keys(DEVICE) as keys, SRTPSender(keys, SSRC) as sender:
        a, b, c, d, e = (sender.protect(header % n.to_bytes(2, "big") + b"audio") for n in (65534, 65535, 0, 1, 2))
    return [a, c, b, b, d[:-1] + bytes([d[-1] ^ 1]), e]


def decrypt(keys: callkey.SRTPKeys, packets: Iterable[bytes], roc: int) -> int:
    """Returns how many were refused."""
    refused = 0
    with SRTPReceiver(keys, roc) as receiver:
        for packet in packets:
            try:
                rtp = receiver.unprotect(packet)
                sequence = int.from_bytes(rtp[2:4], "big")
                print(f"SSRC 0x{rtp[8:12].hex()}, sequence number {sequence}: {len(rtp)} bytes in the clear")
            except SRTPError as problem:
                refused += 1
                print(f"refused: {problem}")
    return refused


def main(arguments: list[str]) -> int:
    if len(arguments) in (1, 2) or len(arguments) > 4:
        sys.exit(__doc__)
    if not arguments:
        with callkey.CallKey.generate() as key, key.e2e_keys(DEVICE) as keys:
            decrypt(keys, made_up(key), roc=0)
        return 0
    file, jid, capture, roc = [*arguments, "0"][:4]
    packets = map(bytes.fromhex, Path(capture).read_text().splitlines())
    with callkey.CallKey.from_hex(Path(file).read_text().strip()) as key, key.e2e_keys(jid) as keys:
        return 1 if decrypt(keys, packets, int(roc)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
