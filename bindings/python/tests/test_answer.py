"""Which device answered, and what becomes of the keys then."""

from __future__ import annotations

import hashlib
import hmac
import pickle
from dataclasses import replace

import pytest
import wire
from conftest import CALLER, COUNTING, DESKTOP, IDENTIFIED, PHONE, Pair

import callkey
from callkey import Call, CallKey, MediaKeys

BARE = "222222222222222@lid"
DEVICES = [BARE, "222222222222222:3@lid", DESKTOP]
RTP = bytes.fromhex("80780007000003c012345678deadbeef")


def packet(key: CallKey, sender: str, roc: int = 0, tag_len: int = 4) -> bytes:
    """An SRTP packet of a sender; only its tag is looked at."""
    with key.e2e_keys(sender) as keys:
        mac = hmac.new(bytes(keys.srtp_auth_key), RTP + roc.to_bytes(4, "big"), hashlib.sha1)
    return RTP + mac.digest()[:tag_len]


def holds(keys: MediaKeys, key: CallKey, sender: str, sframe: str) -> bool:
    return (keys.participant, keys.srtp, keys.sframe) == (sender, key.e2e_keys(sender), key.sframe_key(sframe))


def test_both_directions(key: CallKey) -> None:
    # The caller and the callee would key one stream with different keys.
    with Call(CALLER, key) as caller, Call(DESKTOP, key) as callee:
        caller.answered_by(DESKTOP)
        callee.answered_by(CALLER)
        assert caller.send.srtp == callee.receive.srtp != caller.receive.srtp
        assert caller.send.sframe == callee.receive.sframe
        assert caller.receive.srtp == callee.send.srtp and caller.receive.sframe == callee.send.sframe
        assert holds(caller.send, key, CALLER, CALLER) and holds(caller.receive, key, DESKTOP, DESKTOP)


def test_sframe_by_receiver(key: CallKey) -> None:
    # A peer that keys SFrame the other way round could not be understood.
    with Call(CALLER, key, sframe_by_receiver=True) as call:
        with pytest.raises(callkey.NotAnsweredError):
            call.send  # noqa: B018
        call.answered_by(DESKTOP)
        assert holds(call.send, key, CALLER, DESKTOP) and holds(call.receive, key, DESKTOP, CALLER)
        before = call.send
        call.answered_by(PHONE)
        assert before.srtp.wiped and before.sframe.wiped
        assert holds(call.send, key, CALLER, PHONE) and holds(call.receive, key, PHONE, CALLER)


def test_another_device_answered(key: CallKey) -> None:
    # The audio would be noise, and nothing would say so: the field's number one bug.
    with Call(CALLER, key) as call:
        assert call.answering_device is None
        with pytest.raises(callkey.NotAnsweredError):
            call.receive  # noqa: B018
        early = call.receive_from(BARE)
        assert holds(early, key, PHONE, PHONE)
        assert call.receive_from(PHONE) is early
        other = call.receive_from(DESKTOP)
        assert call.answered_by(DESKTOP) is call.receive
        assert early.srtp.wiped and early.sframe.wiped and other.srtp.wiped
        assert holds(call.receive, key, DESKTOP, DESKTOP)
        assert call.answering_device == DESKTOP and call.receive_from(DESKTOP) is call.receive
        for wrong in (BARE, PHONE, "222222222222222:3@lid", CALLER, "222222222222222@lid/x"):
            with pytest.raises(callkey.WrongDeviceError, match="answered"):
                call.receive_from(wrong)
        kept = call.receive
        assert call.answered_by(DESKTOP) is kept and not kept.srtp.wiped
        assert call.send.participant == CALLER and not call.send.srtp.wiped


def test_bare_lid(key: CallKey) -> None:
    # "Somebody of 222 answered" would be taken for "device 0 answered".
    with Call(CALLER, key) as call:
        for bare in (BARE, BARE + "/resource", BARE + "/1:0@lid", f" {BARE} "):
            with pytest.raises(callkey.WrongDeviceError, match="names no device"):
                call.answered_by(bare)
        assert call.answering_device is None
        call.answered_by(PHONE)
        with pytest.raises(callkey.WrongDeviceError, match="names no device"):
            call.receive_from(BARE)
        assert call.receive_from(PHONE) is call.receive
    for own in (BARE, "222222222222222@lid/x"):
        with pytest.raises(callkey.WrongDeviceError):
            Call(own, key)
    with pytest.raises(callkey.ParticipantError):
        Call(" ", key)
    Call("15550001@s.whatsapp.net", key).close()  # a phone number stays unchanged


@pytest.mark.parametrize("roc, tag_len", [(0, 4), (7, 10)])
def test_from_a_packet(key: CallKey, roc: int, tag_len: int) -> None:
    # The app would have to guess the device, as it does today.
    with Call(CALLER, key) as call:
        for sender in (DESKTOP, PHONE):
            sent = packet(key, sender, roc, tag_len)
            assert call.answered_from(sent, DEVICES, roc=roc, tag_len=tag_len) == sender
            assert holds(call.receive, key, sender, sender)
        sent = packet(key, "222222222222222:4@lid", roc, tag_len)
        with pytest.raises(callkey.AuthenticationError):
            call.answered_from(sent, DEVICES, roc=roc, tag_len=tag_len)
        with pytest.raises(callkey.MalformedError):
            call.answered_from(b"", DEVICES)
        assert call.answering_device == PHONE and not call.receive.srtp.wiped


def test_accept_with_a_key_of_its_own(key: CallKey) -> None:
    # The peer's media would be keyed by our key, or ours by the peer's: noise in one direction.
    with CallKey.generate() as theirs, Call(CALLER, key) as call:
        info = callkey.OfferInfo(2, callkey.EncType.MSG, 2, False, False, True, 0, "AB12", CALLER, DESKTOP)
        # The device was known before its accept came, by a packet of its early media.
        early, send = call.answered_by(DESKTOP), call.send
        assert holds(early, key, DESKTOP, DESKTOP)
        assert call.accepted(theirs, info) is call.receive
        assert early.srtp.wiped and early.sframe.wiped
        assert holds(call.receive, theirs, DESKTOP, DESKTOP)
        assert call.send is send and holds(call.send, key, CALLER, CALLER)
        # From now on their key identifies a packet.
        with pytest.raises(callkey.AuthenticationError):
            call.answered_from(packet(key, PHONE), DEVICES)
        assert call.answered_from(packet(theirs, PHONE), DEVICES) == PHONE
        with pytest.raises(callkey.WrongDeviceError):
            call.accepted(theirs, replace(info, sender=CALLER))
        with pytest.raises(callkey.ArgumentError, match="accept"):
            call.accepted(theirs, replace(info, accept=False))
        with pytest.raises(callkey.ArgumentError, match="key of its own"):
            call.answered(info)
        assert holds(call.receive, theirs, PHONE, PHONE)
        # On the wire device 0 has no number.
        call.accepted(theirs, replace(info, sender=BARE))
        assert holds(call.receive, theirs, PHONE, PHONE)
    with CallKey.generate() as theirs, Call(CALLER, key) as call:
        call.accepted(theirs, info)
        assert holds(call.send, key, CALLER, CALLER)


def accept(sender: str, call_id: str = "AB12", tag: str = "accept", **attributes: str) -> callkey.OfferInfo:
    """What the library says of a stanza without a key, as the server delivers it."""
    child = wire.node(tag, b"", **{"call-id": call_id, "call-creator": CALLER})
    with pytest.raises(callkey.NotForThisDeviceError) as raised:
        callkey.offer_parse(wire.call(child, **{"from": sender}, **attributes), own=[CALLER])
    assert raised.value.info is not None
    return raised.value.info


def test_accept_without_a_key(key: CallKey) -> None:
    # The accept names the device, and nobody reads it: of 12 measured calls 11 were keyed to the wrong one.
    with Call(CALLER, key, call_id="AB12", devices=[PHONE, DESKTOP, "1555:0@s.whatsapp.net"]) as call:
        early = call.receive_from(BARE)
        for sender, device in ((DESKTOP, DESKTOP), (BARE, PHONE), (PHONE, PHONE)):
            assert call.answered(accept(sender)) is call.receive
            assert call.answering_device == device and holds(call.receive, key, device, device)
        assert early.srtp.wiped and early.sframe.wiped
        # The app chose how the derivations spell a device.
        call.answered(accept("1555@s.whatsapp.net"))
        assert call.answering_device == "1555:0@s.whatsapp.net"
        call.answered(accept("1203@g.us", participant=DESKTOP))
        kept = call.receive
        for info, error, text in (
            (accept(DESKTOP, "ab12"), callkey.ArgumentError, "of the call 'ab12', not 'AB12'"),
            (accept(PHONE, ""), callkey.ArgumentError, "of the call ''"),
            (accept("222222222222222:3@lid"), callkey.WrongDeviceError, "222222222222222:3@lid was not called"),
            (accept("333@lid"), callkey.WrongDeviceError, "333:0@lid was not called"),
            (accept("222222222222222:300@lid"), callkey.WrongDeviceError, "from '222222222222222:300@lid'"),
            (accept(CALLER), callkey.WrongDeviceError, "names no device that answered"),
            (accept("1203@g.us"), callkey.WrongDeviceError, "from '1203@g.us'"),
            (accept(PHONE, tag="preaccept"), callkey.ArgumentError, "not an accept: its kind is other"),
            (accept(PHONE, tag="offer"), callkey.ArgumentError, "not an accept: its kind is offer"),
        ):
            with pytest.raises(error, match=text):
                call.answered(info)
            with CallKey.generate() as theirs, pytest.raises(error, match=text):
                call.accepted(theirs, info)
        assert call.receive is kept and holds(kept, key, DESKTOP, DESKTOP) and not kept.srtp.wiped
    with Call(CALLER, key, devices=[DESKTOP]) as call:
        with pytest.raises(callkey.WrongDeviceError, match="was not called"):
            call.answered(accept(BARE))
        assert call.answering_device is None
    with Call(CALLER, key) as call:  # it knows neither the call nor whom it called
        assert holds(call.answered(accept(BARE, "ZZ")), key, PHONE, PHONE)
        with pytest.raises(callkey.WrongDeviceError):
            call.answered(accept(CALLER))
    with pytest.raises(TypeError):
        Call(CALLER, key, devices="222@lid")
    with pytest.raises(callkey.ParticipantError):
        Call(CALLER, key, devices=[""])
    with pytest.raises(callkey.ArgumentError, match="call_id is empty"):
        Call(CALLER, key, call_id="")


@pytest.mark.parametrize("changed", [{"v": "4"}, {"type": "skmsg"}])
def test_accept_with_a_newer_key(key: CallKey, changed: dict[str, str]) -> None:
    # The peer sends with a key of its own that this version can't read: the offer's key would be noise.
    child = wire.node(
        "accept", b"\xf8\x01" + wire.enc(b"\x33", **changed), **{"call-id": "AB12", "call-creator": CALLER}
    )
    with pytest.raises(callkey.UnsupportedError) as raised:
        callkey.offer_parse(wire.call(child, **{"from": DESKTOP}), own=[CALLER])
    info = raised.value.info
    assert info is not None and info.accept and info.sender == DESKTOP
    with Call(CALLER, key) as call, pytest.raises(callkey.ArgumentError, match="has a key of its own"):
        call.answered(info)


def test_ssrcs(key: CallKey) -> None:
    # The engine would wait for streams of another device, or send with numbers that the peer does not expect.
    with Call(CALLER, key, call_id="AB12") as call:
        assert call.ssrcs() == callkey.ssrcs("AB12", CALLER)
        for jid in (PHONE, BARE, DESKTOP):
            assert call.ssrcs(jid) == callkey.ssrcs("AB12", jid)
        call.answered_by(DESKTOP)
        assert call.ssrcs(call.answering_device) == callkey.ssrcs("AB12", DESKTOP) != call.ssrcs()
        for wrong in (PHONE, BARE):
            with pytest.raises(callkey.WrongDeviceError, match="answered"):
                call.ssrcs(wrong)
    with pytest.raises(callkey.HandleError, match="closed"):
        call.ssrcs()
    with Call(CALLER, key) as call, pytest.raises(callkey.ArgumentError, match="has no call_id"):
        call.ssrcs()


def test_accept_without_a_key_after_one_with(key: CallKey) -> None:
    # The second device would be received with the key of the first: noise.
    with Call(CALLER, key) as call, CallKey.generate() as theirs:
        first = call.accepted(theirs, replace(accept(PHONE), enc_type=callkey.EncType.MSG))
        assert holds(first, theirs, PHONE, PHONE)
        assert call.answered(accept(PHONE)) is first and not first.srtp.wiped  # it has given its key already
        assert holds(call.answered(accept(DESKTOP)), key, DESKTOP, DESKTOP)
        assert first.srtp.wiped and first.sframe.wiped
        assert holds(call.accepted(theirs, accept(PHONE)), theirs, PHONE, PHONE)
        assert holds(call.answered_by(DESKTOP), theirs, DESKTOP, DESKTOP)  # the app names the device, not its key
        assert holds(call.answered(accept(DESKTOP)), key, DESKTOP, DESKTOP)
        assert holds(call.send, key, CALLER, CALLER)


def test_close(key: CallKey) -> None:
    # Secrets would stay in memory after the call.
    call = Call(CALLER, key)
    send, receive = call.send, call.answered_by(PHONE)
    views = [send.srtp.srtp_auth_key, receive.srtp.libsrtp_key, receive.sframe.aes_key]
    ours, theirs = call._ours, call._theirs
    for shown in (repr(call), repr(send)):
        assert not any(c in shown for c in (send.srtp.reveal().hex(), key.reveal().hex()))
    with pytest.raises(TypeError):
        pickle.dumps(call)
    call.close()
    call.close()
    assert ours.wiped and theirs.wiped and not any(any(view) for view in views)
    assert call.closed and repr(call) == "<callkey.Call: closed>" and "wiped" in repr(send)
    for use in (
        lambda: call.send,
        lambda: call.receive,
        lambda: call.receive_from(PHONE),
        lambda: call.answered_by(PHONE),
        lambda: call.answered(accept(PHONE)),
        lambda: call.answered_from(packet(key, PHONE), DEVICES),
        call.__enter__,
    ):
        with pytest.raises(callkey.HandleError, match="closed"):
            use()
    assert key.reveal() == COUNTING  # the app's own copy is the app's


def test_whole_call(pair: Pair) -> None:
    # Two programs that only know the stanzas would not hear each other.
    with CallKey.generate() as key:
        wire = pair.caller.seal_offer(key, [PHONE], IDENTIFIED).wire
        opened, info = pair.phone.open_offer(wire, own=[PHONE])
        with opened, Call(info.call_creator, key) as caller, Call(PHONE, opened) as callee:
            callee.answered_by(info.sender)
            caller.answered_from(packet(opened, PHONE), DEVICES)
            assert caller.receive.srtp == callee.send.srtp and callee.receive.srtp == caller.send.srtp
