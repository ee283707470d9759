"""An account moves from the peer to us, in the middle of its conversations, and back.

Besides those of pair.py a driver answers: ``private {account, id?}`` with ``{identity, registration_id,
signed_prekey_id, signed_prekey, prekey?}``, private keys; ``session {account, jid}`` with ``{record}``, the row of its
store; ``put_session {account, jid, record}`` for a record of ours, in Signal's storage protobuf.
"""

from __future__ import annotations

from random import Random

from tests.peers.ours import callkey, store
from tests.peers.pair import Message, Pair
from tests.peers.peer import Peer
from tests.peers.tally import Tally

TO_US = "sessions and prekeys moved to us: calls go on, late messages open"
BACK = "sessions moved back from us: calls go on, late messages open"


def open_with(account: callkey.Store, jid: str, message: Message) -> object:
    """The key, or the error."""
    try:
        return account.open_enc(jid, callkey.EncType[message.type.upper()], message.ciphertext).reveal()
    except callkey.CallKeyError as error:
        return error


def seal_with(random: Random, account: callkey.Store, jid: str) -> Message:
    key = random.randbytes(32)
    enc = account.seal_enc(jid, callkey.CallKey.from_bytes(key))
    return Message(key, str(enc.enc_type), enc.ciphertext)


def once(tally: Tally, peer: Peer, random: Random, by_us: bool, answered: bool) -> None:
    """``by_us``: we began the session. ``answered``: the other side has answered."""
    pair = Pair(peer, random)
    published = pair.bundle()  # nobody uses it before the move
    if by_us:
        pair.session.begin(pair.bundle())
        pair.they_open(pair.we_seal())
    else:
        pair.we_open(pair.they_seal(pair.our_bundle()))
    if answered:
        for _ in range(random.randrange(1, 4)):
            pair.they_open(pair.we_seal())
            pair.we_open(pair.they_seal())
    late_by_us = [pair.we_seal() for _ in range(3)] if answered else []
    late_by_them = [pair.they_seal() for _ in range(3)]
    if late_by_us:
        tally.equal(TO_US, late_by_us[2].key, pair.they_open(late_by_us.pop(2)))  # so two keys are kept in the row

    private = pair.ask("private", id=published.prekey_id)
    moved = callkey.Store.open(identity=False)
    moved.import_identity(bytes.fromhex(private["identity"]), private["registration_id"])
    moved.import_signed_prekey(private["signed_prekey_id"], bytes.fromhex(private["signed_prekey"]))
    moved.import_prekey(published.prekey_id, bytes.fromhex(private["prekey"]))
    session = moved.session(pair.our_jid)
    session.restore(bytes.fromhex(pair.ask("session")["record"]))

    tally.equal(TO_US, published.identity_key, moved.identity.public_key)
    tally.equal(TO_US, pair.store.identity.public_key, moved.identity_of(pair.our_jid))
    for message in late_by_us[:1]:
        tally.equal(TO_US, message.key, open_with(moved, pair.our_jid, message))
    sealed = [seal_with(random, moved, pair.our_jid) for _ in range(3)]
    for message in sealed:
        tally.equal(TO_US, message.type, "msg" if answered or by_us else "pkmsg")
    for message in (*reversed(sealed), *late_by_them[:1]):
        tally.equal(TO_US, message.key, pair.we_open(message))
    if answered:
        for _ in range(3):
            message = pair.we_seal()
            tally.equal(TO_US, message.key, open_with(moved, pair.our_jid, message))
            message = seal_with(random, moved, pair.our_jid)
            tally.equal(TO_US, message.key, pair.we_open(message))
    stranger = store(random)
    stranger.session(pair.their_jid).begin(published)
    first = seal_with(random, stranger, pair.their_jid)
    tally.equal(TO_US, (first.type, first.key), ("pkmsg", open_with(moved, "777:7@lid", first)))

    pair.ask("put_session", record=session.export().reveal())
    session.remove()
    if random.random() < 0.5:
        pair.ask("reopen")
    sealed = [pair.they_seal() for _ in range(3)]
    for message in (*reversed(sealed), *late_by_them[1:]):
        tally.equal(BACK, message.key, pair.we_open(message))
    for message in late_by_us[1:]:
        tally.equal(BACK, message.key, pair.they_open(message))
    for _ in range(4):
        message = pair.we_seal()
        tally.equal(BACK, message.key, pair.they_open(message))
        message = pair.they_seal()
        tally.equal(BACK, (message.type, message.key), ("msg", pair.we_open(message)))


def judge(tally: Tally, peer: Peer, random: Random, rounds: int = 12) -> None:
    for i in range(rounds):
        once(tally, peer, random, by_us=i % 2 == 0, answered=i % 3 != 0)
