"""Derivations, and packets and frames: libsrtp with our keys on one side, the peer's own code on the other."""

from __future__ import annotations

import base64
from random import Random
from typing import Any

from tests.library import chosen
from tests.peers.ours import callkey
from tests.peers.peer import WORK, Peer, Refused
from tests.peers.tally import Tally
from tests.program import linked
from tools.script import compiler, run

PARTICIPANTS = "participant ids"
E2E = "E2E SRTP and SRTCP keys"
RAW = "E2E keys from raw_e2e, and its decoding"
SFRAME_KEYS = "SFrame keys"
SSRCS = "SSRCs of the nine streams"
HBH = "hop-by-hop keys"
RTP = "SRTP packets, both ways"
RTCP = "SRTCP packets, both ways"
FRAMES = "SFrame frames, both ways"
KEYS = 500
NO_PAYLOAD = "An SFrame frame without payload"


def jid(random: Random) -> str:
    user = str(random.randrange(1, 10 ** random.randrange(1, 19)))
    server = random.choice(("lid", "lid", "lid", "s.whatsapp.net", "hosted", "hosted.lid", "c.us"))
    return f"{user}{random.choice(('', f':{random.randrange(256)}', ':0'))}@{server}"


def odd(random: Random) -> str:
    """A text around a JID, as it may come from a list of participants."""
    plain = jid(random)
    around = f"{plain}/opus", f"  {plain}", f"{plain} \n", f"x@{plain}"
    return random.choice((*around, plain.split("@")[0], "@lid", "a:b@lid"))


def participants(tally: Tally, peer: Peer, random: Random) -> None:
    for _ in range(2000):
        text = jid(random) if random.random() < 0.7 else odd(random)
        ours = callkey.participant_id(text)
        theirs = peer.ask("participant", jid=text)
        for use in ("srtp", "sframe"):
            tally.equal(PARTICIPANTS, ours, theirs[use], jid=text)


def session(keys: callkey.SRTPKeys, kind: str) -> dict[str, bytes]:
    parts = ("cipher", "cipher_key"), ("auth", "auth_key"), ("salt", "salt")
    return {name: bytes(getattr(keys, f"{kind}_{member}")) for name, member in parts}


def theirs_of(session_keys: dict[str, str]) -> dict[str, bytes]:
    return {name: bytes.fromhex(value) for name, value in session_keys.items()}


def derivations(tally: Tally, peer: Peer, random: Random) -> None:
    for _ in range(KEYS):
        secret, participant = random.randbytes(32), jid(random)
        key = callkey.CallKey.from_bytes(secret)
        ours, theirs = key.e2e_keys(participant), peer.ask("keys", key=secret, participant=participant)
        for kind in ("srtp", "srtcp"):
            tally.equal(E2E, session(ours, kind), theirs_of(theirs[kind]), key=secret, participant=participant)
        sframe = key.sframe_key(participant).reveal()
        tally.equal(SFRAME_KEYS, sframe, bytes.fromhex(theirs["sframe"]), key=secret, participant=participant)

        raw = random.randbytes(random.choice((32, 33, 48, 64, 100)))
        content = random.choice((raw, base64.b64encode(raw)))
        decoded = callkey.raw_e2e_decode(content)
        theirs = peer.ask("raw_e2e", content=content)
        tally.equal(RAW, decoded.reveal(), bytes.fromhex(theirs["secret"]), content=content)
        ours = decoded.e2e_keys(participant)
        theirs = peer.ask("keys", key=raw, participant=participant, raw=True)
        for kind in ("srtp", "srtcp"):
            tally.equal(RAW, session(ours, kind), theirs_of(theirs[kind]), raw=raw, participant=participant)

        call_id = f"{random.randrange(1 << 128):0{random.choice((32, 8))}{random.choice('xX')}}"
        device = f"{random.randrange(10**15)}:{random.randrange(256)}@lid"
        theirs = peer.ask("ssrcs", call_id=call_id, participant=device)
        tally.equal(SSRCS, list(callkey.ssrcs(call_id, device)), theirs["ssrcs"], call_id=call_id, participant=device)

        hop = random.randbytes(30)
        theirs = peer.ask("hbh", key=hop)
        for which in callkey.HBH:
            mine = callkey.hbh_keys(hop, which).reveal()
            tally.equal(HBH, mine, bytes.fromhex(theirs[which.name.lower()]), key=hop, which=which.name)
    for n in (0, 1, 31):
        content = random.randbytes(n)
        try:
            callkey.raw_e2e_decode(content)
            ours_says = "accepted"
        except callkey.KeyLengthError:
            ours_says = "rejected"
        refused = peer.refuses("raw_e2e", content=content)
        tally.equal(RAW, ours_says, "rejected" if refused else "accepted", length=n)


def libsrtp(tally: Tally, peer: Peer) -> None:
    """Packets of libsrtp with the first 30 bytes that we derive."""
    program = WORK / "protect"
    source = "tests/libsrtp/protect/protect.c"
    run(*compiler(), "-Iinclude", source, *linked(chosen()), "-lsrtp2", "-pthread", "-o", program, quiet=True)
    for line in run(program).splitlines():
        kind, name, *fields = line.split()
        tag_len, roc = (int(fields.pop(0)), int(fields.pop(0))) if kind == "rtp" else (10, 0)
        keys, plain, protected = (bytes.fromhex(field) for field in fields)
        start = 30 if kind == "rtp" else 80
        under = dict(zip(("cipher", "auth", "salt"), (keys[start:][:16], keys[start:][16:36], keys[start:][36:50])))
        if kind == "rtp":
            ask: dict[str, Any] = {**under, "roc": roc, "tag_len": tag_len}
        else:
            index = int.from_bytes(protected[-14:-10], "big") & 0x7FFFFFFF
            ask = {**under, "ssrc": int.from_bytes(plain[4:8], "big"), "index": index}
        what = RTP if kind == "rtp" else RTCP
        tally.equal(what, protected, crypted(peer, kind, ask, plain, False), name=name)
        tally.equal(what, plain, crypted(peer, kind, ask, protected, True), name=name)


def crypted(peer: Peer, kind: str, ask: dict[str, Any], packet: bytes, open_it: bool) -> object:
    try:
        return bytes.fromhex(peer.ask(kind, **ask, packet=packet, open=open_it)["packet"])
    except Refused as refusal:
        return refusal


def streams(tally: Tally, peer: Peer, random: Random) -> None:
    """Packets of the peer's own media pipeline: the tag with our keys, and the device that we find from a packet."""
    for _ in range(100):
        secret = random.randbytes(32)
        sender, receiver = (f"{random.randrange(10**15)}:{random.randrange(1, 100)}@lid" for _ in range(2))
        payloads = [random.randbytes(random.randrange(1, 200)).hex() for _ in range(5)]
        common = {"key": secret, "sender": sender, "receiver": receiver, "ssrc": random.randrange(1 << 32)}
        packets = peer.ask("stream", **common, payloads=payloads, opens=[])["packets"]
        answer = peer.ask("stream", **common, payloads=[], opens=packets)
        tally.equal(RTP, payloads, answer["opened"])
        key = callkey.CallKey.from_bytes(secret)
        auth = bytes(key.e2e_keys(sender).srtp_auth_key)
        for packet in map(bytes.fromhex, packets):
            tally.equal(RTP, callkey.warp_tag(auth, packet[:-4]), packet[-4:], key=secret, sender=sender)
            found = callkey.select_participant(key, [receiver, sender.split(":")[0] + "@lid", sender], packet)
            tally.equal(RTP, 2, found, key=secret, sender=sender)


def frames(tally: Tally, peer: Peer, random: Random) -> None:
    for _ in range(200):
        secret, (own, other) = random.randbytes(32), (jid(random), jid(random))
        key = callkey.CallKey.from_bytes(secret)
        payloads = [random.randbytes(random.choice((0, 1, 16, 100, 1200))) for _ in range(4)]
        session = {"key": secret, "own": own, "peer": other}
        answer = peer.ask("sframe", **session, payloads=[payload.hex() for payload in payloads])
        sending = key.sframe_key(other)
        for payload, frame in zip(payloads, map(bytes.fromhex, answer["frames"])):
            read = sending.open(frame)
            tally.equal(FRAMES, payload, read.payload, **session)
            again = sending.seal(payload, counter=read.counter, key_id=read.key_id)
            tally.equal(FRAMES, again, frame, **session)
        mine = key.sframe_key(own).seal(payloads[0], counter=random.randrange(1 << 32))
        refused = peer.refuses("open_sframe", **session, frame=mine)
        if not payloads[0]:
            tally.differs(FRAMES, NO_PAYLOAD, None, refused, **session)
        elif tally.equal(FRAMES, None, refused, **session):
            opened = peer.ask("open_sframe", **session, frame=mine)["payload"]
            tally.equal(FRAMES, payloads[0], bytes.fromhex(opened), **session)


def judge(tally: Tally, peer: Peer, random: Random) -> None:
    participants(tally, peer, random)
    derivations(tally, peer, random)
    libsrtp(tally, peer)
    streams(tally, peer, random)
    frames(tally, peer, random)
