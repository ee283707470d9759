"""Whose session a stanza's key is in, and what an app learns of a stanza that does not open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import wire
from conftest import CALLER, IDENTIFIED, PHONE, Pair

import callkey
from callkey import CallKey, EncType, OfferInfo, StanzaKind, Store

STRANGER = "666666666666666:2@lid"


def call(*children: bytes, **attributes: str) -> bytes:
    """A whole stanza of one <call>."""
    content = b"\xf8" + bytes([len(children)]) + b"".join(children)
    return b"\0" + wire.node("call", content, **attributes)


def sealed(pair: Pair, key: CallKey, creator: str = CALLER, sent_from: str = STRANGER) -> bytes:
    """An offer to the phone as a server delivers it: the creator is the peer's word, from the server's."""
    there = pair.caller.seal_enc(PHONE, key)
    enc = wire.enc(there.ciphertext, type=str(there.enc_type))
    encopt = wire.node("encopt", b"", keygen="2")
    children = b"\xf8\x02" + enc + encopt
    return call(wire.node("offer", children, **{"call-id": "AB12", "call-creator": creator}), **{"from": sent_from})


def knows(store: Store, jid: str) -> bytes | None:
    try:
        return store.identity_of(jid)
    except (callkey.NoIdentityError, callkey.NotFoundError):
        return None


def test_first_contact_under_anothers_name(pair: Pair, key: CallKey) -> None:
    # Hardening row 28: who calls first in another's name would be that other from then on.
    delivered = sealed(pair, key)
    with pytest.raises(callkey.ConflictError) as caught:
        pair.phone.open_offer(delivered, own=[PHONE])
    info = caught.value.info
    assert info is not None and info.kind is StanzaKind.OFFER
    assert (info.call_creator, info.from_, info.sender) == (CALLER, STRANGER, STRANGER)
    assert info.sender_identity == pair.caller.identity.public_key
    assert knows(pair.phone, CALLER) is None and knows(pair.phone, STRANGER) is None
    # The app decides, and nothing was used up. From then on the stranger is known, as that.
    opened, info = pair.phone.open_offer(delivered, own=[PHONE], sender=STRANGER)
    assert opened == key and info.sender == STRANGER
    opened, info = pair.phone.open_offer(sealed(pair, key), own=[PHONE])
    assert opened == key and info.sender == STRANGER
    assert knows(pair.phone, CALLER) is None


def test_alias_ties_the_names(pair: Pair, key: CallKey) -> None:
    # A peer that the server names by number, and that signs by LID, could not call.
    pair.phone.alias("1555@s.whatsapp.net", "111111111111111@lid")
    opened, info = pair.phone.open_offer(sealed(pair, key, sent_from="1555@s.whatsapp.net"), own=[PHONE])
    assert opened == key and (info.sender, info.from_) == (CALLER, "1555@s.whatsapp.net")


def test_info_of_what_does_not_open(pair: Pair, key: CallKey) -> None:
    # An app could not refuse a call, ask for its key once more or show a changed identity.
    offer = pair.caller.seal_offer(key, [PHONE], IDENTIFIED).wire
    expected = callkey.offer_parse(offer, own=[PHONE])[1]
    assert expected.sender_identity == pair.caller.identity.public_key

    def refused(error: type[callkey.CallKeyError], store: Store, wire: bytes = offer, **named: str) -> OfferInfo | None:
        with pytest.raises(error) as caught:
            store.open_offer(wire, own=[PHONE], **named)
        return caught.value.info

    with Store.open() as other:
        assert refused(callkey.NoPrekeyError, other) == expected
        other.trust(CALLER, other.identity.public_key)
        assert refused(callkey.UntrustedIdentityError, other) == expected
    with Store.open(identity=False) as other:
        assert refused(callkey.NoIdentityError, other) == expected
        assert refused(callkey.MalformedError, other, offer[:-1]) is None
        # Also if the library has not looked at the stanza.
        assert refused(callkey.ArgumentError, other, sender="nobody") == expected
    assert refused(callkey.HandleError, other) == expected
    assert refused(callkey.HandleError, other, sender="1:3@c.us") == replace(expected, sender="1:3@s.whatsapp.net")
    assert refused(callkey.HandleError, other, offer[:-1]) is None
    with pytest.raises(callkey.ArgumentError) as bad_name:
        pair.phone.open_offer(offer, own=["nobody"])
    assert bad_name.value.info == expected
    with pytest.raises(callkey.MalformedError) as caught:
        pair.phone.open_rekey(offer)
    assert caught.value.info is not None and caught.value.info.kind is StanzaKind.OFFER
    pair.phone.open_offer(offer, own=[PHONE])
    assert refused(callkey.DuplicateError, pair.phone) == expected
    with pytest.raises(callkey.HandleError) as closed:
        other.open_rekey(offer)
    assert closed.value.info == expected
    # A failure that is of no stanza has none.
    with pytest.raises(callkey.NoSessionError) as of_no_stanza:
        pair.caller.seal_enc(STRANGER, key)
    assert of_no_stanza.value.info is None


@pytest.mark.parametrize(
    ("tag", "kind"), [("offer", StanzaKind.OFFER), ("accept", StanzaKind.ACCEPT), ("terminate", StanzaKind.OTHER)]
)
def test_stanza_without_a_key(pair: Pair, tag: str, kind: StanzaKind) -> None:
    # Nobody would learn that a call ended, or who answered it.
    action = wire.node(tag, b"", **{"call-id": "AB12", "call-creator": CALLER})
    delivered = call(action, **{"from": "222222222222222:7@lid"})
    reading: list[Callable[..., object]] = [callkey.offer_parse, pair.phone.open_offer]
    for read in reading:
        with pytest.raises(callkey.NotForThisDeviceError) as caught:
            read(delivered, own=[PHONE])
        info = caught.value.info
        assert info is not None and (info.kind, info.call_id, info.call_creator) == (kind, "AB12", CALLER)
        assert (info.from_, info.sender_identity) == ("222222222222222:7@lid", None)
        assert info.sender == (CALLER if tag == "offer" else "222222222222222:7@lid")


def test_info_of_an_enc_that_does_not_open(pair: Pair, key: CallKey) -> None:
    # An app that takes the enc out of the stanza itself would not learn whose identity is new.
    there = pair.caller.seal_enc(PHONE, key)
    identity = pair.caller.identity.public_key

    def told(enc_type: EncType | str, ciphertext: bytes, jid: str = CALLER, version: int = 2) -> tuple[object, ...]:
        with pytest.raises(callkey.CallKeyError) as caught:
            store.open_enc(jid, enc_type, ciphertext, version=version)
        info = caught.value.info
        assert info is not None and info.kind is StanzaKind.NONE and not (info.call_id or info.from_)
        with pytest.raises(callkey.CallKeyError) as as_message:
            store.open_message(jid, enc_type, ciphertext)
        assert as_message.value.info == replace(info, enc_version=0)  # it has no <enc>
        return type(caught.value), info.enc_type, info.enc_version, info.sender, info.sender_identity

    with Store.open() as store:
        assert told("pkmsg", there.ciphertext) == (callkey.NoPrekeyError, EncType.PKMSG, 2, CALLER, identity)
        assert told("pkmsg", there.ciphertext[:-1]) == (callkey.MalformedError, EncType.PKMSG, 2, CALLER, None)
        assert told("pkmsg", b"") == (callkey.MalformedError, EncType.PKMSG, 2, CALLER, None)
        assert told("msg", there.ciphertext) == (callkey.MalformedError, EncType.MSG, 2, CALLER, None)
        assert told("skmsg", there.ciphertext) == (callkey.UnsupportedError, EncType.NONE, 2, CALLER, None)
        unknown: Any = 3
        assert told(unknown, there.ciphertext) == (callkey.UnsupportedError, EncType.NONE, 2, CALLER, None)
        assert told("pkmsg", there.ciphertext, "1:2@c.us", 3)[2:] == (3, "1:2@s.whatsapp.net", identity)
        assert told("pkmsg", there.ciphertext, "nobody", 4) == (callkey.ArgumentError, EncType.PKMSG, 0, "", identity)
        for bad in ("", "\udc80@lid", "x" * 200):
            assert told("pkmsg", there.ciphertext, bad)[3] == ""
    assert told("pkmsg", there.ciphertext)[0] is callkey.HandleError


def test_unknown_enc_type(pair: Pair, key: CallKey) -> None:
    # An app could not distinguish a newer message type from its own mistake.
    there = pair.caller.seal_enc(PHONE, key)
    with pytest.raises(callkey.MalformedError):
        pair.phone.open_enc(CALLER, callkey.EncType.MSG, there.ciphertext)
    with pytest.raises(callkey.UnsupportedError):
        pair.phone.open_enc(CALLER, 3, there.ciphertext)  # type: ignore[arg-type]
    assert pair.phone.open_enc(CALLER, there.enc_type, there.ciphertext) == key
