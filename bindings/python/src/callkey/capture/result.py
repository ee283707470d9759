"""The solved call: what the text, the JSON, the timeline and the report show. Nothing here is secret.

Times are seconds since 1970 as the capture or the log has them; None where there is no time. JIDs are participant ids
(``user:0@lid``). Every tuple is bounded, whatever the sizes of the capture and the log: there are the first 10,000
stanzas and the first 4,096 streams.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Kind(str, enum.Enum):
    """The content of a stream. Its value is its name for people."""

    AUDIO = "audio"
    AUDIO_FEC = "audio FEC"
    AUDIO_NACK = "audio NACK"
    VIDEO = "video"
    VIDEO_FEC = "video FEC"
    VIDEO_NACK = "video NACK"
    HBH_FEC = "HBH-FEC"
    APP_DATA = "app data"
    UNKNOWN = "unknown"
    """RTP with an SSRC that is not derived from the call id."""

    def __str__(self) -> str:
        return self.value


class Reason(str, enum.Enum):
    """Why packets were refused: the likely reason. Its value is its name for people and in the JSON."""

    WRONG_DEVICE = "wrong device"
    """The tag is one of another participant's keys than those that the stream is keyed by."""
    WRONG_COUNTER = "wrong counter"
    """The tag is right under another roll-over counter than the one that the sequence numbers give."""
    ANOTHER_EPOCH = "another epoch"
    """The tag is right under a secret that the stream has replaced already."""
    DAMAGED = "damaged or forged"
    """A packet of a solved stream, and no secret, participant or counter gives its tag."""
    NO_SECRET = "no secret for it"
    """The SSRC is one of a participant's of this call, but no known secret gives the tag: a secret is missing."""
    NOT_OF_THIS_CALL = "not of this call"
    """RTP or RTCP with a foreign SSRC that no known secret authenticates."""
    NOT_SRTP = "not SRTP"
    """Other traffic: not an RTP or RTCP packet in UDP."""
    TRUNCATED = "truncated"
    """The capture has only the start of the packet."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Call:
    """The call that the log is about. Texts are "" if no stanza names them.

    call_id: its exact bytes enter the SSRCs.
    creator: the device that began it.
    own: the JIDs of --own.
    participants: every device that the log or the options name, in their order; own ones first.
    group: an epoch was delivered, or a stanza says so.
    video: a stanza says so.
    begun, ended: the first and last time in the log and in the capture's solved streams.
    """

    call_id: str
    creator: str
    own: tuple[str, ...]
    participants: tuple[str, ...]
    group: bool
    video: bool
    begun: float | None
    ended: float | None


@dataclass(frozen=True)
class Secret:
    """A secret that media keys are derived from; the secret itself is not here.

    name: "call key", "key of the accept of 222:3@lid", "epoch 2". Unique in a result.
    fingerprint: 16 hex digits, as CallKey.fingerprint.
    source: where it is from, e.g. "stanza 3" or "--key".
    since, until: the times between which it is in force by the log. None: from the beginning, or to the end, or unknown
        because the log has no times.
    sender: the only participant that it keys (the key of an accept); "" for all.
    used: whether any packet was authenticated with it.
    """

    name: str
    fingerprint: str
    source: str
    since: float | None
    until: float | None
    sender: str = ""
    used: bool = False


@dataclass(frozen=True)
class Loss:
    """Packets that are missing in a stream between two times. Neighbours are merged where there are many."""

    since: float
    until: float
    packets: int


@dataclass(frozen=True)
class KeyUse:
    """A span of a stream under one secret, in the order of its packets.

    secret: Secret.name.
    since, until: times of its first and last packet.
    packets: authenticated under it.
    roc_first, roc_last: the roll-over counter at both ends. For SRTCP the first and last index.
    """

    secret: str
    since: float
    until: float
    packets: int
    roc_first: int
    roc_last: int


@dataclass(frozen=True)
class Stream:
    """One SSRC with authenticated packets: its RTP, or the RTCP that its owner sent. Both may be there with one SSRC.

    rtcp: an SRTCP stream. ``kind`` then says to which stream the SSRC belongs.
    sender: the participant that it is keyed by.
    ssrc_of: the participant from which the SSRC is derived; "" if it is derived from none. If it is not the sender,
        the sender derived one of the two for a wrong device.
    named: whether the log or an option names the sender; otherwise it was found among the devices of a named user.
    secrets: the key uses; more than one means key changes.
    roc_first, roc_last: as in KeyUse, of the whole stream.
    packets: authenticated, each counted once.
    lost: sequence numbers between the first and last packet that are missing.
    duplicates: authenticated packets that came again.
    reordered: packets that came after one with a higher sequence number.
    refused: packets with this SSRC that were refused.
    payload_types: of RTP, ascending; of RTCP the packet types (200 is a sender report).
    payload_bytes: of all packets, in the clear, without RTP headers.
    losses: at most 256.
    source, destination: "address:port" of its first packet, e.g. "192.0.2.1:4000", "[2001:db8::1]:4000".
    """

    ssrc: int
    rtcp: bool
    kind: Kind
    sender: str
    ssrc_of: str
    named: bool
    secrets: tuple[KeyUse, ...]
    roc_first: int
    roc_last: int
    first: float
    last: float
    packets: int
    lost: int
    duplicates: int
    reordered: int
    refused: int
    payload_types: tuple[int, ...]
    payload_bytes: int
    source: str
    destination: str
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class KeyChange:
    """A stream goes from one secret to another. before and after are Secret.name; roc_kept: the counter went on."""

    time: float
    ssrc: int
    rtcp: bool
    before: str
    after: str
    roc_kept: bool


@dataclass(frozen=True)
class Refused:
    """Packets that were not decrypted, grouped by reason, SSRC and what would fit.

    ssrc: None if the packets are no RTP or RTCP, and for a group of the many SSRCs that came after the first 1,000.
    rtcp: whether they are RTCP.
    packets: how many.
    first, last: times.
    fits: what gives the tag, for people: "roll-over counter 0, not 1", "222:3@lid", "epoch 1"; "" if nothing does.
    told: the likely reason as a sentence, with the packets' kind: "DNS", "STUN", "TCP".
    marks: at most 256 times at which such packets came, with their numbers; neighbours are merged.
    """

    reason: Reason
    ssrc: int | None
    rtcp: bool
    packets: int
    first: float
    last: float
    fits: str
    told: str
    marks: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class Stanza:
    """One stanza of the log, in its order.

    number: from 1; place: in the file, e.g. "line 3" or "byte 120".
    outgoing: whether this device sent it; None if unknown.
    kind: "offer", "accept", "rekey", …, "" if it does not parse.
    sender: the device that it is from, "" if it names none.
    done: what came of it, as a sentence: "the call key 1a2b3c…", "not for this device".
    good: False if something is missing because of it.
    """

    number: int
    place: str
    time: float | None
    outgoing: bool | None
    kind: str
    sender: str
    done: str
    good: bool


@dataclass(frozen=True)
class File:
    """The capture. cut: why the rest of the file could not be read, "" if it was read to its end."""

    path: str
    form: str
    """ "pcap" or "pcapng"."""
    link_types: tuple[str, ...]
    records: int
    bytes: int
    first: float | None
    last: float | None
    cut: str = ""


@dataclass(frozen=True)
class Result:
    """A solved capture. missing: sentences about what could not be done, and what would help; empty if nothing is."""

    file: File
    call: Call
    secrets: tuple[Secret, ...]
    stanzas: tuple[Stanza, ...]
    streams: tuple[Stream, ...]
    changes: tuple[KeyChange, ...]
    refused: tuple[Refused, ...]
    missing: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class PlainPacket:
    """One authenticated packet in the clear, as the solver yields it: in the order of the capture, each once.

    Writers are handed one after the other while the capture is read (``writer.write(packet)`` for each,
    ``writer.close()`` once); none may keep all of them. A packet that was late comes late: sort by ``index`` within a
    window of a few packets.

    time: seconds since 1970.
    ssrc, rtcp, kind, sender: of its stream, known from the first packet on.
    index: RTP: ROC << 16 | sequence number, so that it never wraps. RTCP: the SRTCP index.
    data: the RTP or compound RTCP packet, header to end, without tag, MKI and SRTCP index.
    """

    time: float
    ssrc: int
    rtcp: bool
    kind: Kind
    sender: str
    index: int
    data: bytes
