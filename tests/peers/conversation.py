"""Signal sessions with the peer: begun by either side, many messages, out of order, late and twice."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from tests.peers.ours import callkey
from tests.peers.pair import Message, Pair
from tests.peers.peer import Peer, Refused
from tests.peers.tally import Tally

WE_SEAL = "Signal: call keys that we seal, in any order"
THEY_SEAL = "Signal: call keys that they seal, in any order"
TYPES = "Signal: pkmsg until the answer, msg from then on"
DAMAGED = "Signal: a msg with one bit changed is rejected, then opens as it was"
TWICE = "Signal: a message the second time is rejected"
MAC = "MAC of a message"
PREKEY = "Signal: a one-time prekey is used up by the first message"


# A session keeps five receiving chains, so a message opens, and is known the second time, until the sender has begun
# five more. In this many turns it begins at most four.
MEMORY = 8

# The most bytes of a message before its ciphertext: version byte, ratchet key and counters.
HEADER = 44
SHORTEST = 98  # bytes of a msg with a call key


class Sent(NamedTuple):
    turn: int
    by_us: bool
    message: Message


class Conversation:
    """Random turns of one pair."""

    def __init__(self, tally: Tally, pair: Pair, lax: bool) -> None:
        self.tally, self.pair, self.random, self.lax = tally, pair, pair.random, lax
        self.now = 0
        self.late: list[Sent] = []
        self.opened: list[Sent] = []

    def begin(self, by_us: bool, prekey: bool) -> None:
        """The first messages, of one side only, and the first answer."""
        pair = self.pair
        if by_us:
            theirs = pair.bundle(prekey)
            pair.session.begin(theirs)
            first = [self.seal(True) for _ in range(3)]
        else:
            ours = pair.our_bundle(prekey)
            first = [Sent(0, False, pair.they_seal(ours)), self.seal(False), self.seal(False)]
        for sent in first:
            self.tally.equal(TYPES, "pkmsg", sent.message.type)
        self.random.shuffle(first)
        for sent in first:
            self.deliver(sent)
        if by_us and prekey:
            self.tally.equal(PREKEY, False, pair.ask("holds_prekey", id=theirs.prekey_id)["holds"])
        elif prekey:
            second = Pair(pair.peer, self.random)  # another device with the same bundle
            second.store, second.our_jid = pair.store, pair.our_jid
            self.tally.equal(PREKEY, callkey.NoPrekeyError, type(second.we_open(second.they_seal(ours))))
        answer = self.seal(not by_us)
        self.tally.equal(TYPES, "msg", answer.message.type)
        self.deliver(answer)
        self.late.append(self.seal(by_us))
        self.tally.equal(TYPES, "msg", self.late[0].message.type)

    def seal(self, by_us: bool) -> Sent:
        return Sent(self.now, by_us, self.pair.we_seal() if by_us else self.pair.they_seal())

    def deliver(self, sent: Sent) -> None:
        self.opened.append(sent)
        _, by_us, message = sent
        if by_us:
            self.tally.equal(WE_SEAL, message.key, self.pair.they_open(message), ciphertext=message.ciphertext)
        else:
            self.tally.equal(THEY_SEAL, message.key, self.pair.we_open(message), ciphertext=message.ciphertext)

    def damage(self, sent: Sent) -> None:
        """Changes one bit on the way. It is rejected and changes nothing: the message as it was is delivered next."""
        _, by_us, message = sent
        changed = bytearray(message.ciphertext)
        # The length is not the seed's: the padding has its own random source. So count from the nearer end.
        bit = int(self.random.random() * 8 * SHORTEST)
        place = bit // 8 if bit // 8 < HEADER else bit // 8 - SHORTEST
        changed[place] ^= 1 << bit % 8
        damaged = message._replace(ciphertext=bytes(changed))
        answer = self.pair.they_open(damaged) if by_us else self.pair.we_open(damaged)
        if by_us and self.lax and place >= 0 and answer == message.key:
            self.tally.differs(DAMAGED, MAC, None, answer)
            self.opened.append(sent)
            return
        self.tally.equal(
            DAMAGED, True, isinstance(answer, (Refused, callkey.CallKeyError)), bit=bit, ciphertext=changed
        )
        self.deliver(sent)

    def repeat(self) -> None:
        _, by_us, message = self.random.choice([sent for sent in self.opened if self.now - sent.turn <= MEMORY])
        if by_us:
            self.tally.equal(TWICE, Refused, type(self.pair.they_open(message)))
        else:
            self.tally.equal(TWICE, callkey.DuplicateError, type(self.pair.we_open(message)))

    def turn(self) -> None:
        """One side sends some; a part arrives at once, in any order, and perhaps some of those that were late."""
        self.now += 1
        by_us = self.random.random() < 0.5
        messages = [self.seal(by_us) for _ in range(self.random.randrange(1, 6))]
        self.random.shuffle(messages)
        for sent in messages:
            if self.random.random() < 0.75:
                if sent.message.type == "msg" and self.random.random() < 0.2:
                    self.damage(sent)
                else:
                    self.deliver(sent)
            else:
                self.late.append(sent)
        self.random.shuffle(self.late)
        for sent in list(self.late):
            if self.now - sent.turn == MEMORY or self.random.random() < 0.15:
                self.late.remove(sent)
                self.deliver(sent)
        if self.random.random() < 0.3:
            self.repeat()
        if self.random.random() < 0.2:
            self.pair.ask("reopen")

    def end(self) -> None:
        while self.late:
            self.deliver(self.late.pop())
        self.repeat()

    def burst(self, by_us: bool, messages: int) -> None:
        """Many messages on one chain, the last one first."""
        for sent in reversed([self.seal(by_us) for _ in range(messages)]):
            self.deliver(sent)


def judge(tally: Tally, peer: Peer, random: Random, lax: bool = False, rounds: int = 24) -> None:
    """``lax``: the peer's MAC is over its own version byte or its own encoding of a message, not over the bytes that
    arrived."""
    for i in range(rounds):
        conversation = Conversation(tally, Pair(peer, random), lax)
        conversation.begin(by_us=i % 2 == 0, prekey=i % 4 < 2)
        for _ in range(random.randrange(3, 30)):
            conversation.turn()
        conversation.end()
    for by_us in (True, False):
        conversation = Conversation(tally, Pair(peer, random), lax)
        conversation.begin(by_us, prekey=True)
        conversation.burst(by_us, 250)
        conversation.burst(not by_us, 250)
        conversation.end()
