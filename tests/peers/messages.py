"""Any other messages of an app among call keys, in one session and both ways.

The drivers' ``seal_raw`` and ``open_raw`` are those of padding.py.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple, Union

from tests.peers.ours import callkey
from tests.peers.padding import answered
from tests.peers.pair import Message, Pair
from tests.peers.peer import Peer, Refused
from tests.peers.tally import Tally

AMONG = "other messages among call keys, both ways"
NO_KEY = "another message is no call key, then opens as it is, once"


class Text(NamedTuple):
    """A message of the app on its way."""

    plaintext: bytes
    type: str
    ciphertext: bytes

    @property
    def kind(self) -> callkey.EncType:
        return callkey.EncType[self.type.upper()]


Sent = Union[Text, Message]


class Mixed:
    """A pair that sends both."""

    def __init__(self, tally: Tally, pair: Pair) -> None:
        self.tally, self.pair, self.random = tally, pair, pair.random

    def write(self, by_us: bool) -> Text:
        # No protobuf begins with field 31 of type 7, so it is never taken for a call key.
        length = self.random.choice([0, 1, 14, 15, 16, 300, 5000, 70_000])
        plaintext = b"\xff" + self.random.randbytes(length)
        if by_us:
            enc = self.pair.store.seal_message(self.pair.their_jid, plaintext)
            return Text(plaintext, str(enc.enc_type), enc.ciphertext)
        sealed = self.pair.ask("seal_raw", plaintext=plaintext)
        return Text(plaintext, sealed["type"], bytes.fromhex(sealed["ciphertext"]))

    def read(self, by_us: bool, text: Text) -> None:
        """The receiver's turn; ``by_us``: we sent it."""
        if by_us:
            try:
                answer: object = self.pair.ask("open_raw", type=text.type, ciphertext=text.ciphertext)["plaintext"]
            except Refused as refusal:
                answer = refusal
            self.tally.equal(AMONG, text.plaintext.hex(), answer)
            return
        as_key = self.pair.we_open(Message(b"", text.type, text.ciphertext))
        self.tally.equal(NO_KEY, callkey.MalformedError, type(as_key), length=len(text.plaintext))
        self.tally.equal(AMONG, text.plaintext, self.we_read(text))
        self.tally.equal(NO_KEY, callkey.DuplicateError, type(self.we_read(text)))

    def we_read(self, text: Text) -> object:
        """The plaintext, or the error."""
        try:
            return self.pair.store.open_message(self.pair.their_jid, text.kind, text.ciphertext)
        except callkey.CallKeyError as error:
            return error

    def turn(self, by_us: bool) -> list[tuple[bool, Sent]]:
        """What one side sends."""
        sent: list[tuple[bool, Sent]] = []
        for _ in range(self.random.randrange(1, 6)):
            if self.random.random() < 0.5:
                sent.append((by_us, self.write(by_us)))
            else:
                sent.append((by_us, self.pair.we_seal() if by_us else self.pair.they_seal()))
        return sent

    def deliver(self, by_us: bool, message: Sent) -> None:
        if isinstance(message, Text):
            self.read(by_us, message)
        else:
            opened = self.pair.they_open(message) if by_us else self.pair.we_open(message)
            self.tally.equal(AMONG, message.key, opened)


def judge(tally: Tally, peer: Peer, seed: int, rounds: int = 12) -> None:
    random = Random(f"messages {seed}")
    for _ in range(rounds):
        mixed = Mixed(tally, answered(peer, random))
        late: list[tuple[bool, Sent]] = []
        for _ in range(random.randrange(2, 8)):
            sent = late + mixed.turn(random.random() < 0.5)
            random.shuffle(sent)
            late = sent[: len(sent) // 3]
            for by_us, message in sent[len(late) :]:
                mixed.deliver(by_us, message)
        for by_us, message in late:
            mixed.deliver(by_us, message)
