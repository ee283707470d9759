"""Makes the example capture: ``python3 -m testdata.captures.make``. It needs the packages cryptography and av.

The scenario is in README.md. SRTP, frames and derivations are written here anew, with none of the package's code; the
package only seals the stanzas, because a Signal implementation is not in a few lines. Every run draws new ciphertexts
for the stanzas, so the log changes; the packets stay the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import sys
from array import array
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "testdata" / "captures"

from testdata.captures import frames, protect  # noqa: E402

CALL_ID = "00112233445566778899AABBCCDDEEFF"
CALLER, PHONE, TABLET = "111111111111111:3@lid", "222222222222222:0@lid", "333333333333333:4@lid"
BEGUN = 1700000000.0
"""2023-11-14 22:13:20 UTC."""

CALL_KEY = hashlib.sha256(b"test call key").digest()
EPOCHS = {1: hashlib.sha256(b"test epoch 1").digest(), 2: hashlib.sha256(b"test epoch 2").digest()}
IDENTITY = hashlib.sha256(b"test identity").digest()
SIGNED_PREKEY = hashlib.sha256(b"test signed prekey").digest()
PREKEY = hashlib.sha256(b"test prekey").digest()

CHANGES = ((0.0, CALL_KEY, "call key"), (6.0, EPOCHS[1], "epoch 1"), (9.0, EPOCHS[2], "epoch 2"))
"""Seconds after the beginning from which senders use a secret."""

RELAY = ("203.0.113.9", 3478)
HOSTS = {CALLER: ("198.51.100.1", 40000), PHONE: ("192.0.2.2", 50000), TABLET: ("198.51.100.3", 40003)}


Senders = dict[tuple[str, str], protect.Sender]
"""By participant and name of the secret."""
Told = dict[str, object]


def secret_at(time: float) -> tuple[bytes, str]:
    _, secret, name = next(change for change in reversed(CHANGES) if change[0] <= time)
    return secret, name


@dataclass
class Stream:
    """A stream of one sender, and what the solver must find out about it."""

    sender: str
    kind: str
    slot: int
    first: int
    """Its first index: ROC << 16 | sequence number."""
    begins: float
    packets: int
    interval: float
    payload_type: int
    lost: tuple[int, ...] = ()
    """Places in the stream that are not in the capture."""
    twice: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    """Places that come after the next packet."""
    plain: list[bytes] = field(default_factory=list)

    @property
    def ssrc(self) -> int:
        return protect.ssrc(CALL_ID, self.sender, self.slot)

    def header(self, place: int) -> bytes:
        first, rest = 0x80, b""
        if self.kind == "video":  # with an extension, and a CSRC on every second packet
            rest = b"\xbe\xde\x00\x01\x10\xaa\x00\x00"
            first |= 0x10
            if place % 2:
                first |= 1
                rest = b"\x00\x00\x00\x2a" + rest
        sequence, time = (self.first + place) & 0xFFFF, place * (3000 if self.kind == "video" else 320)
        return struct.pack("!BBHII", first, self.payload_type, sequence, time, self.ssrc) + rest

    def payload(self, place: int, tone: list[bytes]) -> bytes:
        if self.kind == "audio":
            return tone[place % len(tone)]
        return hashlib.sha256(f"{self.kind} {self.sender} {place}".encode()).digest() * (3 + place % 20)


STREAMS = (
    Stream(CALLER, "audio", 0, 65300, 1.0, 400, 0.025, 120, lost=(17, 18, 19, 240), twice=(50, 300), late=(100, 235)),
    Stream(PHONE, "audio", 0, 1000, 1.01, 300, 0.03, 120, lost=(5,), twice=(7, 8, 9)),
    Stream(TABLET, "audio", 0, (1 << 16) + 200, 7.0, 160, 0.02, 120, lost=(80, 81), late=(10,)),
    Stream(CALLER, "video", 2, 30000, 2.0, 120, 0.05, 97, lost=(60,), twice=(61,), late=(70,)),
)


def tone(hertz: float, packets: int) -> list[bytes]:
    """Opus packets of 20 ms, one channel."""
    import av

    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = 16000, "s16", "mono"
    made: list[bytes] = []
    for number in range(packets + 10):
        samples = (round(9000 * math.sin(2 * math.pi * hertz * (number * 320 + n) / 16000)) for n in range(320))
        frame = av.AudioFrame(format="s16", layout="mono", samples=320)
        frame.planes[0].update(array("h", samples).tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts = 16000, number * 320
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return made[:packets]


class Capture:
    """Frames by time."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, bytes, int]] = []

    def add(self, time: float, frame: bytes, length: int | None = None) -> None:
        self.frames.append((BEGUN + time, frame, length or len(frame)))

    def media(self, time: float, sender: str, packet: bytes) -> None:
        """Own packets go to the relay in channel data, the caller's come behind a VLAN tag."""
        if sender == PHONE:
            self.add(time, frames.udp(HOSTS[PHONE], RELAY, frames.channel_data(0x4001, packet)))
        else:
            self.add(time, frames.udp(HOSTS[sender], HOSTS[PHONE], packet, vlan=7 if sender == CALLER else 0))


def sent(capture: Capture, stream: Stream, senders: Senders, hertz: float) -> Told:
    """Puts a stream into the capture; returns what is expected of it."""
    opus = tone(hertz, 50)
    uses: list[Told] = []
    digest = hashlib.sha256()
    in_capture = 0
    for place in range(stream.packets):
        time = stream.begins + place * stream.interval
        secret, name = secret_at(time)
        key = (stream.sender, name)
        sender = senders.setdefault(key, protect.Sender(secret, stream.sender))
        header, payload = stream.header(place), stream.payload(place, opus)
        roc = (stream.first + place) >> 16
        packet = sender.rtp(header, payload, roc)
        if place in stream.lost:
            continue
        late = 1.5 * stream.interval if place in stream.late else 0.0
        for copy in range(2 if place in stream.twice else 1):
            capture.media(time + late + copy * 0.001, stream.sender, packet)
        in_capture += 1
        digest.update(header + payload)
        if not uses or uses[-1]["secret"] != name:
            uses.append({"secret": name, "packets": 0, "roc_first": roc, "roc_last": roc})
        uses[-1]["packets"] = int(str(uses[-1]["packets"])) + 1
        uses[-1]["roc_last"] = roc
    return {
        "ssrc": stream.ssrc,
        "rtcp": False,
        "kind": stream.kind,
        "sender": stream.sender,
        "packets": in_capture,
        "lost": len(stream.lost),
        "duplicates": len(stream.twice),
        "reordered": len(stream.late),
        "secrets": uses,
        "sha256": digest.hexdigest(),
    }


def reports(capture: Capture, sender: str, senders: Senders, count: int) -> Told:
    """RTCP of a sender's audio: one report in half a second."""
    ssrc = protect.ssrc(CALL_ID, sender, 0)
    uses: list[Told] = []
    digest = hashlib.sha256()
    for number in range(count):
        time = 1.2 + number / 2
        secret, name = secret_at(time)
        protector = senders.setdefault((sender, name), protect.Sender(secret, sender))
        plain = struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, (0xE8FE0000 << 32) + number, number * 8000, number, 0)
        plain += struct.pack("!BBHI", 0x81, 202, 2, ssrc) + b"\x01\x01a\x00"
        capture.media(time, sender, protector.rtcp(plain, number + 1))
        digest.update(plain)
        if not uses or uses[-1]["secret"] != name:
            uses.append({"secret": name, "packets": 0, "roc_first": number + 1, "roc_last": number + 1})
        uses[-1]["packets"] = int(str(uses[-1]["packets"])) + 1
        uses[-1]["roc_last"] = number + 1
    return {
        "ssrc": ssrc,
        "rtcp": True,
        "kind": "audio",
        "sender": sender,
        "packets": count,
        "lost": 0,
        "duplicates": 0,
        "reordered": 0,
        "secrets": uses,
        "sha256": digest.hexdigest(),
    }


def refused(capture: Capture, senders: Senders) -> list[Told]:
    """Packets that must be refused; returns the groups."""
    caller, audio = senders[CALLER, "epoch 1"], STREAMS[0].ssrc

    def header(sequence: int, ssrc: int) -> bytes:
        return struct.pack("!BBHII", 0x80, 120, sequence, 0, ssrc)

    capture.media(8.4004, CALLER, caller.rtp(header(70, audio), b"old counter" * 3, 0))
    for number in range(3):
        capture.media(10.5004 + number / 100, CALLER, caller.rtp(header(200 + number, audio), b"old epoch" * 3, 1))
    device = protect.Sender(EPOCHS[2], PHONE)
    capture.media(10.7004, CALLER, device.rtp(header(210, audio), b"another's keys" * 3, 1))
    damaged = bytearray(senders[CALLER, "call key"].rtp(header(65400, audio), b"damaged" * 5, 0))
    damaged[-9] ^= 4
    capture.media(3.2004, CALLER, bytes(damaged))
    stranger = protect.Sender(hashlib.sha256(b"another call").digest(), "444444444444444:0@lid")
    for number in range(5):
        capture.media(4 + number / 10, TABLET, stranger.rtp(header(number, 0x01020304), b"a stranger's" * 4, 0))
    whole = frames.udp(HOSTS[CALLER], HOSTS[PHONE], caller.rtp(header(80, audio), bytes(200), 1))
    capture.add(8.5004, whole[:100], len(whole))
    for number in range(6):
        capture.add(0.1 + number / 100, frames.udp(HOSTS[PHONE], ("192.0.2.53", 53), b"\x12\x34\x01\x00" + bytes(20)))
    for number in range(4):
        stun = struct.pack("!HHI", 1, 0, 0x2112A442) + bytes(12)
        capture.add(0.5 + number / 10, frames.udp(HOSTS[PHONE], RELAY, stun))
    for number in range(3):
        capture.add(0.2 + number / 10, frames.tcp(HOSTS[PHONE], ("192.0.2.80", 443)))
    capture.add(0.05, frames.ethernet(0x0806, bytes(28)))
    return [
        {"reason": "wrong counter", "ssrc": audio, "packets": 1, "fits": "roll-over counter 0, not 1"},
        {"reason": "another epoch", "ssrc": audio, "packets": 3, "fits": "epoch 1"},
        {"reason": "wrong device", "ssrc": audio, "packets": 1, "fits": PHONE},
        {"reason": "damaged or forged", "ssrc": audio, "packets": 1, "fits": ""},
        {"reason": "not of this call", "ssrc": 0x01020304, "packets": 5, "fits": ""},
        {"reason": "truncated", "ssrc": audio, "packets": 1, "fits": ""},
        {"reason": "not SRTP", "ssrc": None, "packets": 6, "told": "DNS"},
        {"reason": "not SRTP", "ssrc": None, "packets": 4, "told": "STUN"},
        {"reason": "not SRTP", "ssrc": None, "packets": 3, "told": "TCP"},
        {"reason": "not SRTP", "ssrc": None, "packets": 1, "told": "ARP"},
    ]


def stanzas() -> list[Told]:
    """The log of the phone."""
    sys.path.insert(0, str(ROOT / "bindings" / "python" / "src"))
    import callkey

    options = callkey.OfferOptions(
        to="222222222222222@lid", call_id=CALL_ID, call_creator=CALLER, stanza_id="1", device_identity=b"\x0a\x01x"
    )
    with callkey.Store.open() as caller, callkey.Store.open(identity=False) as phone:
        phone.import_identity(IDENTITY, 4711)
        phone.import_signed_prekey(1, SIGNED_PREKEY)
        phone.import_prekey(9, PREKEY)
        with callkey.Store.open(identity=False) as one:
            one.import_identity(PREKEY, 1)
            public = one.identity.public_key
        caller.session(PHONE).begin(replace(phone.take_bundle(), prekey_id=9, prekey=public))
        with callkey.CallKey.from_bytes(CALL_KEY) as key:
            offer = caller.seal_offer(key, [PHONE], replace(options, multi_device=True)).wire
        rekeys = []
        for number, epoch in EPOCHS.items():
            with callkey.Epoch.from_bytes(epoch) as secret:
                rekeys.append(caller.seal_rekey(secret, PHONE, options, transaction_id=number))

    def about(name: str, **named: str) -> bytes:
        attributes = " ".join(f'{key}="{value}"' for key, value in named.items())
        inside = f'<{name} call-id="{CALL_ID}" call-creator="{CALLER}"/>'
        return callkey.stanza_from_xml(f"<call {attributes}>{inside}</call>")

    log: list[tuple[float, str, str | None, bytes]] = [
        (0.0, "in", CALLER, offer),
        (0.3, "in", CALLER, offer),
        (0.9, "out", None, about("accept", to=CALLER, id="2")),
        (5.95, "in", CALLER, rekeys[0]),
        (6.5, "in", None, about("accept", **{"from": TABLET, "id": "3"})),
        (8.95, "in", CALLER, rekeys[1]),
        (11.5, "in", None, about("terminate", **{"from": CALLER, "id": "4"})),
    ]
    return [
        {"time": BEGUN + time, "direction": direction, "from": sender, "stanza": wire.hex()}
        for time, direction, sender, wire in log
    ]


def main() -> None:
    capture = Capture()
    senders: Senders = {}
    expected = [sent(capture, stream, senders, 300 + 140 * number) for number, stream in enumerate(STREAMS)]
    expected += [reports(capture, CALLER, senders, 20), reports(capture, PHONE, senders, 18)]
    groups = refused(capture, senders)
    capture.frames.sort(key=lambda frame: frame[0])
    frames.write(FOLDER / "call.pcap", capture.frames)
    log = "".join(json.dumps(stanza) + "\n" for stanza in stanzas())
    (FOLDER / "call.jsonl").write_text(log, encoding="utf-8")
    for name, secret in (("identity", IDENTITY), ("signed-prekey", SIGNED_PREKEY), ("prekey", PREKEY)):
        (FOLDER / f"{name}.key").write_text(secret.hex() + "\n", encoding="utf-8")
    answer = {"records": len(capture.frames), "call_id": CALL_ID, "streams": expected, "refused": groups}
    (FOLDER / "call.json").write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
