"""The padding of an ``<enc>`` on both sides: every length that may be written, and what may not be.

Besides those of pair.py a driver answers: ``seal_raw {account, jid, plaintext}`` with ``{type, ciphertext}``, without
padding, and ``open_raw {account, jid, ciphertext}`` with ``{plaintext}`` of a msg, padding included.
"""

from __future__ import annotations

from random import Random

from tests.peers.ours import callkey
from tests.peers.pair import Message, Pair
from tests.peers.peer import Peer, Refused
from tests.peers.tally import Tally

WE_WRITE = "the padding that we write: form, length, and what they read"
THEY_WRITE = "the padding that they write: what both read"
BAD = "bad padding is rejected"
DESIGN = "Bad padding"
OVER_16, ZEROS, UNEQUAL = "17 bytes", "16 bytes 0", "one byte of it differs"

HEADER = bytes.fromhex("52220a20")  # the message around a call key


def answered(peer: Peer, random: Random) -> Pair:
    """A pair that sends only msg."""
    pair = Pair(peer, random)
    pair.we_open(pair.they_seal(pair.our_bundle()))
    pair.they_open(pair.we_seal())
    pair.we_open(pair.they_seal())
    return pair


def they_seal_raw(pair: Pair, key: bytes, plaintext: bytes) -> Message:
    sealed = pair.ask("seal_raw", plaintext=plaintext)
    return Message(key, sealed["type"], bytes.fromhex(sealed["ciphertext"]))


def they_read(pair: Pair, key: bytes, plaintext: bytes) -> object:
    """What their reader makes of a padded plaintext, which a second account of theirs sends: the key, or the error."""
    peer, sender = pair.peer, Pair(pair.peer, pair.random)
    bundle = pair.ask("bundle", prekey=True)["bundle"]
    peer.ask("seal", account=sender.account, jid=pair.their_jid, key=key, bundle=bundle)
    sealed = peer.ask("seal_raw", account=sender.account, jid=pair.their_jid, plaintext=plaintext)
    try:
        opened = peer.ask("open", account=pair.account, jid=sender.their_jid, v=2, **sealed)
    except Refused as refusal:
        return refusal
    return bytes.fromhex(opened["key"])


def bad(random: Random) -> list[tuple[str, bytes]]:
    """Paddings that no writer makes, each after a call key."""
    return [
        ("a last byte 0", bytes(1)),
        (ZEROS, bytes(16)),
        ("longer than the text", b"\xff"),
        (OVER_16, b"\x11" * 17),
        (UNEQUAL, b"\x03\x04\x04\x04"),
        ("all but the last differ", random.randbytes(7) + b"\x00\x08"),
        ("a byte too few", b"\x05" * 4),
    ]


def judge(tally: Tally, peer: Peer, random: Random, lax: set[str], rounds: int = 64) -> None:
    """``lax`` are the bad paddings that the peer accepts."""
    pair = answered(peer, random)
    lengths = set()
    for _ in range(rounds * 4):
        message = pair.we_seal()
        plaintext = bytes.fromhex(pair.ask("open_raw", type=message.type, ciphertext=message.ciphertext)["plaintext"])
        n = plaintext[-1]
        tally.equal(WE_WRITE, HEADER + message.key + bytes([n]) * n, plaintext)
        lengths.add(n)
    tally.equal(WE_WRITE, set(range(1, 17)), lengths)
    for n in range(1, 17):
        key = random.randbytes(32)
        plaintext = HEADER + key + bytes([n]) * n
        tally.equal(WE_WRITE, key, they_read(pair, key, plaintext), padding=n)
        tally.equal(THEY_WRITE, key, pair.we_open(they_seal_raw(pair, key, plaintext)), padding=n)
    for _ in range(rounds):
        message = pair.they_seal()
        tally.equal(THEY_WRITE, message.key, pair.we_open(message))
    for name, padding in bad(random):
        key = random.randbytes(32)
        ours = pair.we_open(they_seal_raw(pair, key, HEADER + key + padding))
        theirs = they_read(pair, key, HEADER + key + padding)
        if name in lax and isinstance(ours, callkey.MalformedError):
            tally.differs(BAD, DESIGN, None, theirs if theirs == key else None, padding=name)
        else:
            tally.equal(BAD, (callkey.MalformedError, Refused), (type(ours), type(theirs)), padding=name)
