"""Find the device that answered from the first packet that it sent.

    python3 find_answering_device.py                        # a packet from one of four devices made up here
    python3 find_answering_device.py KEY PACKET JID…        # files of hex, and the devices that were called

Only its keys give the packet's tag. It needs no cryptography; for the made-up packet callkey.srtp does.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import callkey

DEVICES = [f"222222222222222:{number}@lid" for number in (0, 7, 12, 31)]


def made_up(key: callkey.CallKey) -> bytes:
    """The packet of the device that was quickest."""
    from callkey.srtp import SRTPSender

    rtp = bytes.fromhex("80780007000003c012345678") + b"some 20 ms of Opus"
    with key.e2e_keys(random.choice(DEVICES)) as keys, SRTPSender(keys, ssrc=0x12345678) as sender:
        return sender.protect(rtp)


def main(arguments: list[str]) -> int:
    if len(arguments) in (1, 2):
        sys.exit(__doc__)
    if arguments:
        key = callkey.CallKey.from_hex(Path(arguments[0]).read_text().strip())
        packet, devices = bytes.fromhex(Path(arguments[1]).read_text()), arguments[2:]
    else:
        key, devices = callkey.CallKey.generate(), DEVICES
        packet = made_up(key)
    with key:
        for tag_len in (4, 10):
            for roc in range(3):  # in a capture that begins late the counter is not 0 any more
                try:
                    found = callkey.select_participant(key, devices, packet, roc=roc, tag_len=tag_len)
                except callkey.AuthenticationError:
                    continue
                print(f"{devices[found]} answered (a tag of {tag_len} bytes, roll-over counter {roc})")
                return 0
    print(f"none of {len(devices)} devices sent this packet")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
