"""Offers: sealed for many devices, opened by one."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import wire
from conftest import CALLER, DESKTOP, IDENTIFIED, OFFER, ON_THE_WIRE, PHONE, Pair

import callkey
from callkey import CallKey, DeviceResult, Enc, EncType, OfferOptions, Store


def test_offer(pair: Pair, key: CallKey) -> None:
    # A call could not be placed: the offer would not open, or say wrong things about its call.
    offer = pair.caller.seal_offer(
        key, [PHONE, DESKTOP], replace(IDENTIFIED, video=True, multi_device=True, privacy_token=b"token")
    )
    assert offer.results == (
        DeviceResult(PHONE, 0, EncType.PKMSG),
        DeviceResult(DESKTOP, callkey.NoSessionError.status, EncType.NONE),
    )
    assert [result.sealed for result in offer.results] == [True, False]
    assert offer.results[0].error is None
    assert isinstance(offer.results[1].error, callkey.NoSessionError)
    opened, info = pair.phone.open_offer(offer.wire, own=["15550001111@s.whatsapp.net", PHONE])
    assert opened == key
    assert info == callkey.OfferInfo(
        keygen=2,
        enc_type=EncType.PKMSG,
        enc_version=2,
        video=True,
        group=False,
        accept=False,
        transaction_id=0,
        call_id="AB12",
        call_creator=CALLER,
        sender=CALLER,
        kind=callkey.StanzaKind.OFFER,
        from_="",
        sender_identity=pair.caller.identity.public_key,
    )
    with pytest.raises(callkey.DuplicateError) as caught:
        pair.phone.open_offer(offer.wire, own=[PHONE])
    assert caught.value.info == info


def test_xml(pair: Pair, key: CallKey) -> None:
    # The server rejects a mis-ordered offer with error 439.
    offer = pair.caller.seal_offer(
        key, [PHONE], replace(IDENTIFIED, video=True, multi_device=True, privacy_token=b"token")
    )
    call = ElementTree.fromstring(offer.xml)
    assert (call.tag, call.attrib) == ("call", {"to": OFFER.to, "id": OFFER.stanza_id})
    assert [child.tag for child in call[0]] == [
        "privacy",
        "audio",
        "audio",
        "video",
        "net",
        "capability",
        "destination",
        "encopt",
        "device-identity",
    ]
    assert callkey.stanza_to_xml(offer.wire) == offer.xml


VIDEO: dict[str, Any] = {
    "video_enc": "vp8",
    "video_dec": "H265",
    "video_width": 1920,
    "video_height": 0xFFFFFFFF,
    "video_device_orientation": 3,
}


def test_video(pair: Pair, key: CallKey) -> None:
    # A video offer that the callee's client cannot read is delivered, and its phone never rings.
    def video_of(options: OfferOptions) -> str:
        offer = ElementTree.fromstring(pair.caller.seal_offer(key, [PHONE], options).xml)[0]
        found = offer.findall("video")
        assert [child.tag for child in offer].index("net") == 2 + len(found)
        capability = offer.find("capability")
        assert capability is not None
        assert capability.text == ("0105f709e0bb53" if found else "0105f709e0bb13")
        return "".join(ElementTree.tostring(video, "unicode").strip() for video in found)

    assert video_of(IDENTIFIED) == ""
    video = replace(IDENTIFIED, video=True)
    assert video_of(video) == (
        '<video enc="h.264" dec="H264" device_orientation="0" screen_width="0" screen_height="0" />'
    )
    assert video_of(replace(video, **VIDEO)) == (
        '<video enc="vp8" dec="H265" device_orientation="3" screen_width="1920" screen_height="4294967295" />'
    )


@pytest.mark.parametrize("name", VIDEO)
def test_bad_video(pair: Pair, key: CallKey, name: str) -> None:
    # The app asked for video and got an audio call, or an attribute that the callee cannot read.
    def seal(options: OfferOptions, value: object) -> None:
        changed: dict[str, Any] = {name: value}
        pair.caller.seal_offer(key, [PHONE], replace(options, **changed))

    video = replace(IDENTIFIED, video=True)
    with pytest.raises(callkey.ArgumentError, match=f"{name} is set, but the offer has no video"):
        seal(IDENTIFIED, VIDEO[name])
    if isinstance(VIDEO[name], str):
        for bad in ("", "x" * 128, "a\0b", "\udc80"):
            with pytest.raises(callkey.ArgumentError, match=name):
                seal(video, bad)
        seal(video, "x" * 127)
    else:
        for out_of_range in (-1, 1 << 32):
            with pytest.raises(callkey.ArgumentError, match=f"{name} is out of range"):
                seal(video, out_of_range)
    with pytest.raises(TypeError, match=name):
        seal(video, b"1")


@pytest.mark.parametrize("phone", [PHONE, ON_THE_WIRE])
@pytest.mark.parametrize("creator", ["111111111111111:0@lid", "111111111111111@lid"])
def test_device_zero(pair: Pair, key: CallKey, phone: str, creator: str) -> None:
    # The phone finds no key under a name that no client writes, or both ends derive keys for different names.
    options = replace(IDENTIFIED, call_creator=creator, to=phone, multi_device=True)
    offer = pair.caller.seal_offer(key, [phone], options)
    call = ElementTree.fromstring(offer.xml)
    to = call.find("offer/destination/to")
    assert to is not None
    assert (call.get("to"), to.get("jid")) == (ON_THE_WIRE, ON_THE_WIRE)
    assert call[0].get("call-creator") == "111111111111111@lid"
    assert offer.results[0].jid == phone
    opened, info = pair.phone.open_offer(offer.wire, own=[PHONE if phone == ON_THE_WIRE else ON_THE_WIRE])
    assert opened == key
    assert (info.call_creator, info.sender) == ("111111111111111:0@lid",) * 2
    assert opened.e2e_keys(info.call_creator) == key.e2e_keys(creator)


def test_offer_devices(pair: Pair, key: CallKey) -> None:
    # A server of a test would deliver an offer to a device that has no key in it, or not to one that has.
    pair.caller.session(DESKTOP).begin(pair.phone.take_bundle())
    offer = pair.caller.seal_offer(key, [DESKTOP, "9:9@lid", PHONE], IDENTIFIED)
    assert callkey.offer_devices(offer.wire) == [DESKTOP, PHONE] and ON_THE_WIRE in offer.xml
    assert callkey.offer_devices(bytearray(pair.caller.seal_offer(key, [PHONE, DESKTOP]).wire)) == [PHONE, DESKTOP]
    one = pair.caller.seal_offer(key, [PHONE], replace(IDENTIFIED, multi_device=True))
    assert callkey.offer_devices(one.wire) == [PHONE]
    assert callkey.offer_devices(pair.caller.seal_offer(key, [PHONE], IDENTIFIED).wire) == []
    enc = wire.enc(b"\x33")
    for tag in ("offer", "accept", "enc_rekey"):
        child = wire.node(tag, b"\xf8\x01" + wire.to(DESKTOP, enc), **{"call-id": "AB12", "call-creator": CALLER})
        assert callkey.offer_devices(wire.call(child, **{"from": CALLER})) == [DESKTOP]
        assert callkey.offer_devices(b"\0" + child) == [DESKTOP]
    # A name without a ciphertext, a ciphertext without a name, and names in other nodes are of no device with a key.
    content = [wire.to(PHONE, wire.node("other")), wire.node("to", b"\xf8\x01" + enc, jid=PHONE)]
    twice = wire.node("to", b"\xf8\x02" + enc + enc, jid=DESKTOP)
    assert callkey.offer_devices(wire.offer(wire.node("destination", b"\xf8\x01" + twice))) == [DESKTOP]
    content += [wire.to(name, enc) for name in ("", "/", "x" * 128, "a\\b@lid", "a&b@lid")]
    assert callkey.offer_devices(wire.offer(*content)) == []
    assert callkey.offer_devices(wire.call(wire.node("terminate", b"\xf8\x01" + wire.to(PHONE, enc)))) == []
    assert callkey.offer_devices(wire.call(wire.node("terminate"))) == []
    with pytest.raises(callkey.MalformedError):
        callkey.offer_devices(offer.wire[:-1])


def test_enc_type(pair: Pair, key: CallKey) -> None:
    # An app that has the type of a stanza would look up our numbers, or take an unknown type for one of ours.
    assert [EncType.parse(str(kind)) for kind in (EncType.MSG, EncType.PKMSG)] == [EncType.MSG, EncType.PKMSG]
    there = pair.caller.seal_enc(PHONE, key)
    assert Enc(PHONE, "pkmsg", there.ciphertext) == there and Enc(PHONE, "pkmsg", b"").enc_type is EncType.PKMSG
    for unknown in ("skmsg", "none", "", "PKMSG", "pkmsg "):
        for parse in (
            EncType.parse,
            lambda text: Enc(PHONE, text, there.ciphertext),
            lambda text: pair.phone.open_enc(CALLER, text, there.ciphertext),
        ):
            with pytest.raises(callkey.UnsupportedError, match="is not supported"):
                parse(unknown)
    with pytest.raises(TypeError, match="enc_type must be a str, not bytes"):
        EncType.parse(b"pkmsg")  # type: ignore[arg-type]
    with pytest.raises(callkey.MalformedError):
        pair.phone.open_enc(CALLER, "msg", there.ciphertext)
    assert pair.phone.open_enc(CALLER, "pkmsg", there.ciphertext) == key
    sealed = callkey.offer_build([Enc(PHONE, "pkmsg", there.ciphertext)])
    assert callkey.offer_parse(sealed, own=[PHONE])[1].enc_type is EncType.PKMSG


def test_only_the_key_node(pair: Pair, key: CallKey) -> None:
    # An app that writes its own stanzas could not use the sealed encs.
    offer = pair.caller.seal_offer(key, [PHONE])
    assert ElementTree.fromstring(offer.xml).tag == "enc"
    opened, info = pair.phone.open_offer(offer.wire, own=[PHONE], sender=CALLER)
    assert opened == key
    assert (info.call_id, info.call_creator) == ("", "")


def test_no_devices(pair: Pair, key: CallKey) -> None:
    # An empty <destination> would be sent, or the app would not learn why there is no offer.
    with pytest.raises(callkey.NoDevicesError) as caught:
        pair.phone.seal_offer(key, [DESKTOP, PHONE], OFFER)
    status = callkey.NoSessionError.status
    assert caught.value.results == tuple(DeviceResult(jid, status, EncType.NONE) for jid in (DESKTOP, PHONE))
    with pytest.raises(callkey.NoDevicesError):
        pair.caller.seal_offer(key, [], OFFER)


def test_why_a_device_was_skipped(key: CallKey, tmp_path: Path) -> None:
    # "There is no session" would be said of a session that is there, and the app would do the wrong thing about it.
    bad: Any = "nobody"
    with Store.open(tmp_path / "a.db", plaintext=True) as caller, Store.open() as phone:
        caller.session(PHONE).begin(phone.take_bundle())
        results = caller.seal_offer(key, [PHONE, DESKTOP, ON_THE_WIRE, bad], IDENTIFIED).results
        assert [str(result.error) for result in results] == [
            "None",
            f"{DESKTOP}: no session with the device",
            f"{ON_THE_WIRE}: an earlier device of the list is the same one",
            'nobody: jid: not a JID: "nobody" has no @',
        ]
        kinds = (type(None), callkey.NoSessionError, callkey.DuplicateError, callkey.ArgumentError)
        assert tuple(type(result.error) for result in results) == kinds
        assert all(result.error is None or result.error.status == result.status for result in results)
        caller.copy(tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db", plaintext=True, restored=True) as copy:
        with pytest.raises(callkey.NoDevicesError) as caught:
            copy.seal_offer(key, [PHONE], IDENTIFIED)
    again = pickle.loads(pickle.dumps(caught.value))
    for error in (caught.value, again):
        (result,) = error.results
        assert isinstance(result.error, callkey.NoSessionError)
        assert str(result.error) == f"{PHONE}: the session is from an old copy of the store: begin a new one to seal"


def test_offer_that_begins(pair: Pair, key: CallKey) -> None:
    # A caller would wait twice for its disk, or a session would stay whose first message nobody has.
    pair.acknowledge()
    new, broken = "444444444444441:1@lid", "444444444444442:1@lid"
    with Store.open() as device:
        bundle = device.take_bundle()
        bundles = {new: bundle, broken: replace(bundle, signed_prekey_signature=bytes(64))}
        with pytest.raises(callkey.DeviceIdentityError):
            pair.caller.seal_offer(key, [PHONE, new], OFFER, bundles={new: bundle})
        assert not pair.caller.session(new).exists()
        offer = pair.caller.seal_offer(key, [PHONE, new, broken, DESKTOP], IDENTIFIED, bundles=bundles)
        assert [(result.status, result.enc_type) for result in offer.results] == [
            (0, EncType.MSG),
            (0, EncType.PKMSG),
            (callkey.InvalidKeyError.status, EncType.NONE),
            (callkey.NoSessionError.status, EncType.NONE),
        ]
        for store, jid in ((pair.phone, PHONE), (device, new)):
            assert store.open_offer(offer.wire, own=[jid])[0] == key
        assert pair.caller.session(new).exists() and not pair.caller.session(broken).exists()
        again = pair.caller.seal_offer(key, [PHONE], IDENTIFIED, bundles={PHONE: pair.phone.take_bundle()})
        assert again.results == (DeviceResult(PHONE, 0, EncType.PKMSG),)
        with pytest.raises(callkey.NoDevicesError) as caught:
            pair.caller.seal_offer(key, [broken], IDENTIFIED, bundles={broken: bundles[broken]})
        assert isinstance(caught.value.results[0].error, callkey.InvalidKeyError)
        with pytest.raises(callkey.ArgumentError, match=f"{new} is not one of the devices"):
            pair.caller.seal_offer(key, [PHONE], IDENTIFIED, bundles={new: bundle})


def test_device_identity(pair: Pair, key: CallKey) -> None:
    # The server would drop an offer with a pkmsg but without device identity.
    with pytest.raises(callkey.DeviceIdentityError):
        pair.caller.seal_offer(key, [PHONE], OFFER)
    pair.acknowledge()
    assert pair.caller.seal_offer(key, [PHONE], OFFER).results[0].enc_type is EncType.MSG


def test_missing_option(pair: Pair, key: CallKey) -> None:
    # An offer without a call id, a creator or a callee would leave.
    needed: dict[str, Any] = {"to": "1@lid", "call_id": "AB12", "call_creator": CALLER}
    for name in needed:
        with pytest.raises(TypeError, match=name):
            OfferOptions(**{other: value for other, value in needed.items() if other != name})
        for bad in ("", "x" * 128, "a\0b", "\udc80"):
            with pytest.raises(callkey.ArgumentError):
                pair.caller.seal_offer(key, [PHONE], OfferOptions(**{**needed, name: bad}, device_identity=b"blob"))
        with pytest.raises(TypeError, match=f"{name} must be a str"):
            pair.caller.seal_offer(key, [PHONE], OfferOptions(**{**needed, name: None}))
    with pytest.raises(TypeError, match="options must be OfferOptions, not dict"):
        pair.caller.seal_offer(key, [PHONE], {"call_id": "AB12"})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="options must be OfferOptions, not str"):
        callkey.offer_build([], "AB12")  # type: ignore[arg-type]


def test_options_show_no_token() -> None:
    # The account's privacy token would be in every log that has the options.
    options = OfferOptions("1@lid", "AB12", CALLER, privacy_token=b"*", capability=b"*", device_identity=b"*")
    assert repr(options) == (
        f"OfferOptions(to='1@lid', call_id='AB12', call_creator={CALLER!r}, stanza_id=None, "
        "video=False, multi_device=False, video_enc=None, video_dec=None, video_width=0, video_height=0, "
        "video_device_orientation=0)"
    )
    with pytest.raises(AttributeError):
        options.call_id = "AB13"  # type: ignore[misc]


def test_lone_text(pair: Pair, key: CallKey) -> None:
    # "123@lid" would be taken as the devices "1", "2", "3"…
    with pytest.raises(TypeError, match="sequence of str"):
        pair.caller.seal_offer(key, PHONE)
    with pytest.raises(TypeError, match="sequence of str"):
        pair.phone.open_offer(b"\0", own=PHONE)


def test_not_for_this_device(pair: Pair, key: CallKey) -> None:
    # A device would try another one's enc.
    offer = pair.caller.seal_offer(key, [PHONE], replace(IDENTIFIED, multi_device=True))
    with pytest.raises(callkey.NotForThisDeviceError):
        pair.phone.open_offer(offer.wire, own=[DESKTOP])
    with pytest.raises(callkey.NotForThisDeviceError):
        callkey.offer_parse(offer.wire, own=[])


def test_cut_and_flipped(pair: Pair, key: CallKey) -> None:
    # A broken stanza would crash the process or cost the session.
    wire = pair.caller.seal_offer(key, [PHONE], IDENTIFIED).wire
    for cut in range(len(wire)):
        with pytest.raises(callkey.CallKeyError):
            pair.phone.open_offer(wire[:cut], own=[PHONE])
    opened = 0
    for place in range(len(wire)):
        flipped = bytearray(wire)
        flipped[place] ^= 0x55
        try:
            callkey.stanza_to_xml(flipped)
            callkey.offer_parse(flipped, own=[PHONE])
        except callkey.CallKeyError:
            continue
        opened += 1  # what is not authenticated, e.g. the call id
    assert 0 < opened < len(wire)
    assert pair.phone.open_offer(wire, own=[PHONE])[0] == key


def test_build_and_parse() -> None:
    # An app with its own Signal sessions could neither write nor read an offer.
    encs = [Enc(PHONE, EncType.MSG, b"\x33" * 40), Enc(DESKTOP, EncType.PKMSG, memoryview(b"\x33" * 50))]  # type: ignore[arg-type]
    wire = callkey.offer_build(encs, replace(IDENTIFIED, capability=b"\1\2"))
    assert wire == callkey.offer_build(encs, replace(IDENTIFIED, capability=b"\1\2"))
    for enc in encs:
        ciphertext, info = callkey.offer_parse(wire, own=[enc.jid])
        assert ciphertext == enc.ciphertext
        assert info.enc_type is enc.enc_type
        assert info.call_id == OFFER.call_id
    with pytest.raises(callkey.DeviceIdentityError):
        callkey.offer_build(encs, OFFER)
    with pytest.raises(callkey.NoDevicesError):
        callkey.offer_build([], OFFER)
    with pytest.raises(callkey.ArgumentError):
        callkey.offer_build([Enc(PHONE, EncType.NONE, b"\x33" * 40)], OFFER)
    with pytest.raises(callkey.ArgumentError):
        callkey.offer_build([Enc(PHONE, EncType.MSG, b"")], OFFER)


def test_stanza_from_xml() -> None:
    # A test's stanza, changed by hand, would be another one, or a mistake in it could not be found.
    wire = callkey.offer_build([Enc(PHONE, EncType.MSG, b"\x33" * 40)], OFFER)
    xml = callkey.stanza_to_xml(wire)
    assert callkey.stanza_from_xml(xml) == wire
    other = callkey.stanza_from_xml(xml.replace(OFFER.call_id, "Ä\\\\&quot;"))
    assert callkey.offer_parse(other, own=[PHONE])[1].call_id == 'Ä\\"'
    with pytest.raises(callkey.MalformedError, match="line 2, column 4: "):
        callkey.stanza_from_xml(xml.replace("<offer", "<ö"))
    for bad in ("<call>\0</call>", "\ud800"):
        with pytest.raises(callkey.ArgumentError):
            callkey.stanza_from_xml(bad)
    with pytest.raises(TypeError):
        callkey.stanza_from_xml(xml.encode())  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [b"", b"\0", b"\0\xf8", b"\xff" * 40, b"\2not zlib", bytes(1000)])
def test_no_stanza(bad: bytes) -> None:
    # Bytes from the network would crash the process.
    with pytest.raises((callkey.MalformedError, callkey.UnsupportedError)):
        callkey.stanza_to_xml(bad)
    with pytest.raises((callkey.MalformedError, callkey.UnsupportedError)):
        callkey.offer_parse(bad, own=[PHONE])
