"""Watch a group call change its epoch while a stream goes on.

    python3 watch_epoch_change.py

A member leaves, so the others get a new secret, the epoch. It counts once the server's roster has reached its number.
The stream's roll-over counter stays. It needs cryptography: pip install 'callkey[srtp]'.
"""

from __future__ import annotations

import sys

import callkey
from callkey.srtp import AuthenticationError, SRTPReceiver, SRTPSender

SENDER, SSRC = "111111111111111:3@lid", 0x12345678
LEFT_AT = 65537
"""The packet before which the member leaves: the second one after the roll-over."""


def packet(number: int) -> bytes:
    return b"\x80\x78" + (number & 0xFFFF).to_bytes(2, "big") + bytes(4) + SSRC.to_bytes(4, "big") + b"some audio"


def main() -> int:
    with callkey.Epochs() as epochs, callkey.Epoch.generate() as first, callkey.Epoch.generate() as second:
        epochs.add(1, first)
        epochs.roster(1)
        number, current = epochs.current()
        print(f"epoch {number} is in force: {current.fingerprint}")
        keys = current.e2e_keys(SENDER)
        sender, receiver, left = SRTPSender(keys, SSRC), SRTPReceiver(keys), SRTPReceiver(keys)
        for n in range(65535, 65540):
            if n == LEFT_AT:
                epochs.add(2, second)  # it came in an <enc_rekey>: Store.open_rekey
                print(f"epoch 2 is there, and {epochs.current()[0]} is in force until the roster says so")
                epochs.roster(2)
                number, current = epochs.current()
                print(f"epoch {number} is in force: {current.fingerprint}")
                keys = current.e2e_keys(SENDER)
                sender.rekey(keys)
                receiver.rekey(keys)
            protected = sender.protect(packet(n))
            receiver.unprotect(protected)
            try:
                left.unprotect(protected)
                member = "the member who leaves hears it"
            except AuthenticationError:
                member = "the member who left does not"
            print(f"packet {receiver.roc(SSRC)}:{n & 0xFFFF:<5} opened; {member}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
