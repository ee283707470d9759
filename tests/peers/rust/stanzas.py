"""Offers, accepts and rekeys: the same bytes for the same inputs, and each side reads what the other writes."""

from __future__ import annotations

from random import Random
from typing import Any, Optional

from tests.peers.ours import callkey
from tests.peers.peer import Peer
from tests.peers.tally import Tally

BYTES = "offers and rekeys for the same inputs: the bytes"
DEFAULTS = "offers: the default capability"
WE_WRITE = "our offers and rekeys: what they read"
THEY_WRITE = "their offers, accepts and rekeys: what we read"
VIDEO = "`<video>` in an offer"
VIDEO_CAPABILITY = "The capability of a video offer"

SIZES = (1, 1, 1, 3, 3, 100)
ROUNDS = 120


def user(random: Random) -> str:
    return str(random.randrange(10**14, 10**15))


def device(random: Random, of: str, number: Optional[int] = None) -> str:
    """A device of a user, in any spelling of device 0."""
    if number is None:
        number = random.choice((0, 0, 1, 5, 12, 99, random.randrange(256)))
    server = random.choice(("lid", "lid", "s.whatsapp.net"))
    return f"{of}@{server}" if number == 0 and random.random() < 0.5 else f"{of}:{number}@{server}"


def normal(jid: str) -> str:
    """The spelling of the wire for device 0, and the new name of c.us."""
    return jid.replace(":0@", "@").replace("@c.us", "@s.whatsapp.net")


def encs(random: Random, devices: list[str]) -> list[callkey.Enc]:
    """Ciphertexts of the right form: a version byte, then anything."""
    made = []
    for jid in devices:
        kind = random.choice((callkey.EncType.MSG, callkey.EncType.PKMSG))
        made.append(callkey.Enc(jid, kind, b"\x33" + random.randbytes(random.randrange(40, 300))))
    return made


def told(enc: callkey.Enc) -> dict[str, Any]:
    return {"jid": enc.jid, "type": str(enc.enc_type), "ciphertext": enc.ciphertext}


def from_server(peer: Peer, wire: bytes, sender: str) -> bytes:
    """A ``<call>`` as the server passes it on."""
    call = peer.ask("decode", wire=wire)["node"]
    kept = [attr for attr in call["attrs"] if attr["name"] not in ("to", "id")]
    call["attrs"] = [
        {"name": "from", "value": normal(sender), "is_jid": True},
        {"name": "id", "value": "A1B2C3"},
        {"name": "t", "value": "1700000000"},
        *kept,
    ]
    return bytes.fromhex(peer.ask("encode", node=call)["wire"])


def with_video_of(peer: Peer, ours: bytes, theirs: bytes) -> bytes:
    """Their offer with our ``<video>``."""
    mine, other = (peer.ask("decode", wire=wire)["node"] for wire in (ours, theirs))
    (video,) = (child for child in mine["children"][0]["children"] if child["tag"] == "video")
    offered = other["children"][0]
    offered["children"] = [video if child["tag"] == "video" else child for child in offered["children"]]
    return bytes.fromhex(peer.ask("encode", node=other)["wire"])


def our_view(wire: bytes, own: str) -> dict[str, Any]:
    """The stanza as we read it, in the peer's words."""
    ciphertext: Optional[bytes] = None
    try:
        ciphertext, info = callkey.offer_parse(wire, own=[own])
    except callkey.NotForThisDeviceError as error:
        if error.info is None:
            raise
        info = error.info
    said: dict[str, Any] = {
        "action": {callkey.StanzaKind.REKEY: "enc_rekey"}.get(info.kind, str(info.kind)),
        "call_id": info.call_id,
        "call_creator": normal(info.call_creator),
        "from": normal(info.from_),
        "enc": None,
    }
    if ciphertext is not None:
        said["enc"] = {"type": str(info.enc_type), "v": info.enc_version, "ciphertext": ciphertext.hex()}
    if info.kind == callkey.StanzaKind.OFFER:
        said["video"] = info.video
        said["group"] = info.group
    if info.kind == callkey.StanzaKind.REKEY:
        said["transaction_id"] = info.transaction_id
    return said


def their_view(peer: Peer, wire: bytes, own: str) -> dict[str, Any]:
    """The same from the peer."""
    read = peer.ask("read", wire=wire, own=normal(own))
    names = ["action", "call_id", "call_creator", "from", "enc"]
    if read["action"] == "offer":
        names += ["video", "group"]
    if read["action"] == "enc_rekey":
        names.append("transaction_id")
    return {name: read[name] for name in names}


def offer(tally: Tally, peer: Peer, random: Random) -> None:
    callee, caller = user(random), user(random)
    size = random.choice(SIZES)
    numbers = random.sample(range(256) if size > 3 else (0, 1, 5, 12, 99, 255), size)
    devices = [device(random, callee, number) for number in numbers]
    keys = encs(random, devices)
    creator = f"{caller}:{random.randrange(100)}@lid"
    inputs: dict[str, Any] = {
        "to": f"{callee}@{random.choice(('lid', 's.whatsapp.net'))}",
        "call_id": f"{random.randrange(1 << 128):032X}",
        "call_creator": creator,
        "stanza_id": f"{random.randrange(1 << 64):X}" if random.random() < 0.7 else None,
        "video": random.random() < 0.5,
        "multi_device": random.random() < 0.3 or len(devices) > 1,
        "capability": random.randbytes(7),
        "privacy_token": random.randbytes(random.randrange(1, 40)) if random.random() < 0.4 else None,
    }
    # We write it only where a pkmsg needs it; the peer wherever the app gives one.
    if any(enc.enc_type == callkey.EncType.PKMSG for enc in keys):
        inputs["device_identity"] = random.randbytes(random.randrange(1, 300))
    given = {name: value for name, value in inputs.items() if value is not None}
    wire = callkey.offer_build(keys, callkey.OfferOptions(**given))
    theirs = bytes.fromhex(peer.ask("offer", **given, encs=[told(enc) for enc in keys])["wire"])
    if inputs["video"]:
        tally.differs(BYTES, VIDEO, wire, theirs, **given)
    alike = with_video_of(peer, wire, theirs) if inputs["video"] else theirs
    tally.equal(BYTES, wire, alike, **given, devices=devices)

    for what, written in ((WE_WRITE, wire), (THEY_WRITE, theirs)):
        arrived = from_server(peer, written, creator)
        for enc in random.sample(keys, min(len(keys), 3)):
            ours, read = our_view(arrived, enc.jid), their_view(peer, arrived, enc.jid)
            tally.equal(what, ours, read, own=enc.jid, wire=arrived)
            right = {"type": str(enc.enc_type), "v": 2, "ciphertext": enc.ciphertext.hex()}
            said = ours["enc"], ours["call_id"], ours["video"]
            tally.equal(what, (right, inputs["call_id"], inputs["video"]), said)
        stranger = f"{user(random)}:3@lid"
        tally.equal(what, our_view(arrived, stranger), their_view(peer, arrived, stranger), own=stranger, wire=arrived)


def default_capability(tally: Tally, peer: Peer, random: Random) -> None:
    for video in (False, True):
        (enc,) = keys = encs(random, [f"{user(random)}:2@lid"])
        given = {
            "to": normal(enc.jid),
            "call_id": "A0B1",
            "call_creator": f"{user(random)}:1@lid",
            "video": video,
            "device_identity": b"x",
        }
        if enc.enc_type == callkey.EncType.MSG:
            del given["device_identity"]
        ours = callkey.offer_build(keys, callkey.OfferOptions(**given))
        theirs = bytes.fromhex(peer.ask("offer", **given, encs=[told(enc)])["wire"])
        if video:
            tally.differs(DEFAULTS, VIDEO_CAPABILITY, ours, with_video_of(peer, ours, theirs))
        else:
            tally.equal(DEFAULTS, ours, theirs)


def accept(tally: Tally, peer: Peer, random: Random) -> None:
    answering, creator = device(random, user(random)), f"{user(random)}:{random.randrange(100)}@lid"
    call_id = f"{random.randrange(1 << 128):032X}"
    video = random.random() < 0.5
    given = {"to": creator, "call_id": call_id, "call_creator": creator, "stanza_id": "A1", "video": video}
    written = bytes.fromhex(peer.ask("accept", **given)["wire"])
    arrived = from_server(peer, written, answering)
    ours = our_view(arrived, creator)
    tally.equal(THEY_WRITE, ours, their_view(peer, arrived, creator), wire=arrived)
    tally.equal(THEY_WRITE, (ours["action"], ours["from"], ours["call_id"]), ("accept", normal(answering), call_id))


def rekey(tally: Tally, peer: Peer, random: Random) -> None:
    """Ours is sealed, so the peer gets its ciphertext for the same bytes."""
    with callkey.Store.open() as sender, callkey.Store.open() as receiver:
        jid, creator = f"{user(random)}:{random.randrange(100)}@lid", f"{user(random)}:{random.randrange(100)}@lid"
        sender.session(jid).begin(receiver.take_bundle())
        number, identity = random.randrange(1, 1 << 32), random.randbytes(20)
        options = callkey.OfferOptions(
            to=jid,
            call_id=f"{random.randrange(1 << 128):032X}",
            call_creator=creator,
            stanza_id="A1",
            device_identity=identity,
        )
        epoch = callkey.Epoch.from_bytes(random.randbytes(32))
        wire = sender.seal_rekey(epoch, jid, options, transaction_id=number)
        ciphertext, _ = callkey.offer_parse(wire, own=[jid])
    theirs = peer.ask(
        "rekey",
        to=jid,
        call_id=options.call_id,
        call_creator=creator,
        stanza_id="A1",
        transaction_id=number,
        device_identity=identity,
        encs=[{"jid": jid, "type": "pkmsg", "ciphertext": ciphertext}],
    )
    # The ciphertext comes anew in each run, so it is no input to print.
    tally.equal(BYTES, wire, bytes.fromhex(theirs["wire"]), number=number, creator=creator, jid=jid)
    for what, written in ((WE_WRITE, wire), (THEY_WRITE, bytes.fromhex(theirs["wire"]))):
        arrived = from_server(peer, written, creator)
        tally.equal(what, our_view(arrived, jid), their_view(peer, arrived, jid), wire=arrived)


def judge(tally: Tally, peer: Peer, random: Random) -> None:
    for _ in range(ROUNDS):
        offer(tally, peer, random)
    default_capability(tally, peer, random)
    for _ in range(40):
        accept(tally, peer, random)
        rekey(tally, peer, random)
