"""Whole conversations in Signal sessions, computed for independent.py.

It follows Signal's own texts: X3DH, the Double Ratchet, and the messages and the storage record of
protocol version 3 (docs/protocol.md has the labels), on OpenSSL. A message is handed from one device
to the other as what it says, so nothing here parses.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Optional

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 0x33
RECEIVERS = 5  # chains of a session that open


def hkdf(salt: bytes, secret: bytes, label: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, label).derive(secret)


def mac(key: bytes, *parts: bytes) -> bytes:
    h = hmac.HMAC(key, hashes.SHA256())
    h.update(b"".join(parts))
    return h.finalize()


def clamped(random: bytes) -> bytes:
    b = bytearray(random)
    b[0] &= 248
    b[31] = b[31] & 127 | 64
    return bytes(b)


def public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def agree(private: bytes, theirs: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(theirs))


# Protocol buffers


def varint(n: int) -> bytes:
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(n: int, value: int) -> bytes:
    return varint(n << 3) + varint(value)


def data(n: int, value: bytes) -> bytes:
    return varint(n << 3 | 2) + varint(len(value)) + value


def key(n: int, value: bytes) -> bytes:
    return data(n, b"\x05" + value)


# The ratchet


class AnotherSession(Exception):
    """The message is not of this session."""


@dataclass
class Chain:
    key: bytes
    index: int = 0

    def message_keys(self) -> bytes:
        """80 bytes: of the cipher, of the MAC, the IV."""
        return hkdf(bytes(32), mac(self.key, b"\x01"), b"WhisperMessageKeys", 80)

    def step(self) -> None:
        self.key = mac(self.key, b"\x02")
        self.index += 1

    def field(self) -> bytes:
        return data(3, number(1, self.index) + data(2, self.key))


@dataclass
class Receiver:
    ratchet: bytes
    chain: Chain
    skipped: dict[int, bytes] = field(default_factory=dict)

    def keys(self, counter: int) -> bytes:
        if counter < self.chain.index:
            return self.skipped.pop(counter)
        while self.chain.index < counter:
            self.skipped[self.chain.index] = self.chain.message_keys()
            self.chain.step()
        keys = self.chain.message_keys()
        self.chain.step()
        return keys

    def encoded(self) -> bytes:
        out = key(1, self.ratchet) + self.chain.field()
        for index, k in self.skipped.items():
            out += data(4, number(1, index) + data(2, k[:32]) + data(3, k[32:64]) + data(4, k[64:]))
        return out


@dataclass
class Pending:
    """The session was not answered: its messages say how it began."""

    prekey: int
    signed_prekey: int
    since: int

    def prekey_field(self) -> bytes:
        return number(1, self.prekey) if self.prekey else b""


@dataclass
class Message:
    """What a message says, and its bytes."""

    ratchet: bytes
    counter: int
    covered: bytes
    body: bytes
    tag: bytes
    base: Optional[bytes]  # of one that begins a session
    pending: Optional[Pending]
    identity: bytes
    registration: int
    wire: bytes


@dataclass
class Session:
    own: bytes
    peer: bytes
    own_registration: int
    peer_registration: int
    base: bytes
    root: bytes
    private: bytes  # of the own ratchet key
    chain: Chain
    receivers: list[Receiver]
    previous: int = 0
    pending: Optional[Pending] = None

    def turn(self, private: bytes, ratchet: bytes) -> Chain:
        """One step of the root: the chain of two ratchet keys."""
        keys = hkdf(self.root, agree(private, ratchet), b"WhisperRatchet", 64)
        self.root = keys[:32]
        return Chain(keys[32:])

    def seal(self, text: bytes) -> Message:
        keys, counter = self.chain.message_keys(), self.chain.index
        self.chain.step()
        pad = 16 - len(text) % 16
        encryptor = Cipher(algorithms.AES(keys[:32]), modes.CBC(keys[64:])).encryptor()
        body = encryptor.update(text + bytes([pad]) * pad) + encryptor.finalize()
        ratchet = public(self.private)
        covered = bytes([VERSION]) + key(1, ratchet) + number(2, counter) + number(3, self.previous) + data(4, body)
        tag = mac(keys[32:64], b"\x05", self.own, b"\x05", self.peer, covered)[:8]
        wire, base = covered + tag, None
        if self.pending is not None:
            base = self.base
            wire = bytes([VERSION]) + self.pending.prekey_field() + key(2, base) + key(3, self.own) + data(4, wire)
            wire += number(5, self.own_registration) + number(6, self.pending.signed_prekey)
        return Message(ratchet, counter, covered, body, tag, base, self.pending, self.own, self.own_registration, wire)

    def open(self, m: Message, random: list[bytes]) -> bytes:
        known = [r for r in self.receivers if r.ratchet == m.ratchet]
        if known:
            keys = known[0].keys(m.counter)
        else:
            receiver = Receiver(m.ratchet, self.turn(self.private, m.ratchet))
            keys = receiver.keys(m.counter)
            self.receivers = [*self.receivers, receiver][-RECEIVERS:]
            self.previous = max(self.chain.index - 1, 0)
            self.private = clamped(random.pop(0))
            self.chain = self.turn(self.private, m.ratchet)
        if mac(keys[32:64], b"\x05", self.peer, b"\x05", self.own, m.covered)[:8] != m.tag:
            raise AnotherSession
        self.pending = None
        decryptor = Cipher(algorithms.AES(keys[:32]), modes.CBC(keys[64:])).decryptor()
        padded = decryptor.update(m.body) + decryptor.finalize()
        return padded[: -padded[-1]]

    def encoded(self) -> bytes:
        out = number(1, 3) + key(2, self.own) + key(3, self.peer) + data(4, self.root) + number(5, self.previous)
        out += data(6, key(1, public(self.private)) + data(2, self.private) + self.chain.field())
        for r in self.receivers:
            out += data(7, r.encoded())
        if self.pending is not None:
            p = self.pending
            out += data(9, p.prekey_field() + key(2, self.base) + number(3, p.signed_prekey) + number(4, p.since))
        out += number(10, self.peer_registration) + number(11, self.own_registration)
        return out + key(13, self.base)


def handshake(*secrets: bytes) -> tuple[bytes, Chain]:
    keys = hkdf(bytes(32), b"\xff" * 32 + b"".join(secrets), b"WhisperText", 64)
    return keys[:32], Chain(keys[32:])


@dataclass
class Device:
    private: bytes
    registration: int
    signed: bytes
    signed_id: int
    prekey: bytes
    prekey_id: int
    sessions: list[Session] = field(default_factory=list)  # the one that seals first

    def begin(self, peer: Device, with_prekey: bool, now: int, random: list[bytes]) -> None:
        base, ratchet = clamped(random.pop(0)), clamped(random.pop(0))
        identity, signed = public(peer.private), public(peer.signed)
        secrets = [agree(self.private, signed), agree(base, identity), agree(base, signed)]
        if with_prekey:
            secrets.append(agree(base, public(peer.prekey)))
        root, chain = handshake(*secrets)
        s = Session(
            public(self.private), identity, self.registration, peer.registration, public(base), root, ratchet,
            Chain(b""), [Receiver(signed, chain)],
            pending=Pending(peer.prekey_id if with_prekey else 0, peer.signed_id, now),
        )  # fmt: skip
        s.chain = s.turn(ratchet, signed)
        self.sessions.insert(0, s)

    def answer(self, m: Message) -> Session:
        """The session that a message begins, before it is opened."""
        assert m.base is not None and m.pending is not None
        secrets = [agree(self.signed, m.identity), agree(self.private, m.base), agree(self.signed, m.base)]
        if m.pending.prekey:
            secrets.append(agree(self.prekey, m.base))
        root, chain = handshake(*secrets)
        return Session(
            public(self.private), m.identity, self.registration, m.registration, m.base, root, self.signed, chain, []
        )

    def open(self, m: Message, random: list[bytes]) -> bytes:
        """It belongs to the session of its base key, or else to the first that its MAC is of."""
        tried = self.sessions
        if m.base is not None:
            tried = [s for s in self.sessions if s.base == m.base] or [self.answer(m)]
        for s in tried:
            advanced, left = deepcopy(s), list(random)
            try:
                text = advanced.open(m, left)
            except AnotherSession:
                continue
            random[:] = left
            self.sessions = [advanced, *(other for other in self.sessions if other is not s)]
            return text
        raise AnotherSession

    def record(self) -> bytes:
        return b"".join(data(1 if i == 0 else 2, s.encoded()) for i, s in enumerate(self.sessions))


def conversation(a: dict[str, object]) -> dict[str, object]:
    """The steps are "a begins", "a begins with a prekey", "a seals TEXT" and "b opens N"."""

    def device(name: str) -> Device:
        def get(what: str) -> bytes:
            value = a[f"{name}_{what}"]
            assert isinstance(value, bytes)
            return clamped(value)

        def identifier(what: str) -> int:
            value = a[f"{name}_{what}"]
            assert isinstance(value, int)
            return value

        return Device(
            get("private"), identifier("registration_id"), get("signed_prekey_private"),
            identifier("signed_prekey_id"), get("prekey_private"), identifier("prekey_id"),
        )  # fmt: skip

    random, steps, now = a["random"], a["steps"], a["now"]
    assert isinstance(random, list) and isinstance(steps, list) and isinstance(now, int)
    devices = {"a": device("a"), "b": device("b")}
    sent: list[Message] = []
    texts: list[bytes] = []
    for step in steps:
        who, does, *rest = step.decode().split(" ", 2)
        me, peer = devices[who], devices["b" if who == "a" else "a"]
        if does == "begins":
            me.begin(peer, bool(rest), now, random)
        elif does == "seals":
            texts.append(rest[0].encode())
            sent.append(me.sessions[0].seal(texts[-1]))
        elif me.open(sent[int(rest[0])], random) != texts[int(rest[0])]:
            raise ValueError(f"{step}: another text")
    if random:
        raise ValueError(f"{len(random)} random keys are left")
    return {
        "enc_types": ["msg" if m.base is None else "pkmsg" for m in sent],
        "ciphertexts_hex": [m.wire.hex() for m in sent],
        "a_record_hex": devices["a"].record().hex(),
        "b_record_hex": devices["b"].record().hex(),
    }
