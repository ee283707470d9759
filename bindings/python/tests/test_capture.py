"""``callkey capture`` with calls made here: link types, keys and counters that change, floods, and what is refused."""

from __future__ import annotations

import errno
import hmac
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from capturing import BEGUN, CALL_ID, Frames, Voice, audio, block, frame, frames, ip_packet, pcap, pcapng, secret
from command import SRC, Command
from conftest import CALLER, DESKTOP, IDENTIFIED, OFFER, PHONE, Pair
from dpkt import ethernet, ip, ip6
from rtp import rtcp

import callkey
from callkey import CallKey, Epoch, Store
from callkey.capture import datagram
from callkey.capture.marks import Marks
from callkey.capture.positions import Positions
from callkey.capture.protection import Protection
from callkey.capture.records import Record, Records
from callkey.capture.result import Reason, Result
from callkey.capture.secrets import CallSecrets
from callkey.capture.solver import Solver
from callkey.cli.log import Entry
from callkey.srtp import SRTPSender


def solve(path: Path, *secrets: callkey._e2e.E2ESecret, senders: tuple[str, ...] = (CALLER,)) -> Result:
    """With these secrets: the call key, then epochs."""
    result, _ = solved(path, *secrets, senders=senders)
    return result


def solved(
    path: Path, *secrets: callkey._e2e.E2ESecret, senders: tuple[str, ...] = (CALLER,)
) -> tuple[Result, list[tuple[Any, datagram.Datagram]]]:
    with path.open("rb") as file, CallSecrets([PHONE], call_id=CALL_ID, participants=senders) as call:
        for number, each in enumerate(secrets):
            copy = type(each).from_bytes(each.reveal())
            call._add(copy, f"epoch {number}" if number else "call key", "the test", None)
        solver = Solver(Records(str(path), file), call)
        packets = list(solver.packets())
        result = solver.told()
        solver.close()
    return result, packets


def reasons(result: Result) -> dict[Reason, int]:
    counts: dict[Reason, int] = {}
    for group in result.refused:
        counts[group.reason] = counts.get(group.reason, 0) + group.packets
    return counts


# Files and links


def sll(packet: bytes) -> bytes:
    return struct.pack("!HHH8sH", 0, 1, 6, b"\x02" * 6, 0x0800) + packet


def sll2(packet: bytes) -> bytes:
    return struct.pack("!HHIHBB8s", 0x0800, 0, 3, 1, 0, 6, b"\x02" * 6) + packet


def pppoe(packet: bytes) -> bytes:
    session = struct.pack("!BBHHH", 0x11, 0, 7, 2 + len(packet), 0x0021)
    return b"\x02" * 12 + b"\x88\x64" + session + packet


def qinq(packet: bytes) -> bytes:
    return b"\x02" * 12 + struct.pack("!HHHHH", 0x88A8, 5, 0x8100, 6, 0x0800) + packet


def padded(packet: bytes) -> bytes:
    return b"\x02" * 12 + b"\x08\x00" + packet + bytes(9)


LINKS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "cooked": (113, sll),
    "cooked 2": (276, sll2),
    "raw": (101, lambda packet: packet),
    "raw, as BSD numbers it": (12, lambda packet: packet),
    "raw IPv4": (228, lambda packet: packet),
    "loopback": (0, lambda packet: struct.pack("<I", 2) + packet),
    "loopback, big-endian": (0, lambda packet: struct.pack(">I", 2) + packet),
    "OpenBSD loopback": (108, lambda packet: struct.pack(">I", 2) + packet),
    "PPP": (9, lambda packet: b"\xff\x03\x00\x21" + packet),
    "PPPoE": (1, pppoe),
    "two VLANs": (1, qinq),
    "Ethernet with padding": (1, padded),
}


@pytest.mark.parametrize("name", LINKS)
def test_link(tmp_path: Path, name: str) -> None:
    # A capture made with -i any, or on a phone, would be empty.
    link, wrap = LINKS[name]
    voice = Voice(secret(1))
    captured = [(BEGUN + n, wrap(bytes(ip_packet(packet)))) for n, packet in enumerate(voice.packets(5))]
    result, packets = solved(pcap(tmp_path / "a.pcap", captured, link=link), secret(1))
    assert [packet.data for packet, _ in packets] == [voice.plain(n) for n in range(5)]
    assert (result.streams[0].source, result.streams[0].destination) == ("192.0.2.1:4000", "192.0.2.2:5000")
    for plain, carrier in packets:
        expected = wrap(bytes(ip_packet(plain.data)))
        assert carrier.carrying(plain.data) == (expected[:-9] if name == "Ethernet with padding" else expected)


def test_ipv6(tmp_path: Path) -> None:
    # A call in a network with IPv6 only would not be read.
    voice = Voice(secret(1))
    (packet,) = voice.packets(1)
    captured = [(BEGUN, bytes(ip_packet(packet, v6=True)))]
    result, packets = solved(pcap(tmp_path / "a.pcap", captured, link=229), secret(1))
    assert result.streams[0].source == "[2001:db8::1]:4000"
    (plain, carrier) = packets[0]
    read = ip6.IP6(carrier.carrying(plain.data))
    assert read.data.data == plain.data and read.plen == read.data.ulen == 8 + len(plain.data)
    given, read.data.sum = read.data.sum, 0
    assert ip6.IP6(bytes(read)).data.sum == given


def test_checksum_of_zero(tmp_path: Path) -> None:
    # In IPv6 a checksum of 0 is not allowed: Wireshark would drop the packet.
    (packet,) = Voice(secret(1)).packets(1)
    _, packets = solved(pcap(tmp_path / "a.pcap", [(BEGUN, bytes(ip_packet(packet, v6=True)))], link=229), secret(1))
    carrier = packets[0][1]
    given = ip6.IP6(carrier.carrying(bytes(20))).data.sum
    made = ip6.IP6(carrier.carrying(bytes(18) + given.to_bytes(2, "big"))).data.sum
    assert made == 0xFFFF


def test_bytes_after_the_datagram(tmp_path: Path) -> None:
    # What a network card or an attacker puts after a datagram would be taken for its tag.
    voice = Voice(secret(1))
    (packet,) = voice.packets(1)
    captured = ip_packet(packet + b"after")
    captured.data.ulen -= 5
    captured.data.sum = captured.sum = 0
    _, packets = solved(pcap(tmp_path / "a.pcap", [(BEGUN, bytes(captured))], link=101), secret(1))
    assert packets[0][0].data == voice.plain(0)


def test_other_link_types_are_named(tmp_path: Path) -> None:
    # An empty result would look like a call without packets.
    result = solve(pcap(tmp_path / "a.pcap", frames(Voice(secret(1)).packets(3)), link=187), secret(1))
    assert result.missing == ("link type 187 (BLUETOOTH_HCI_H4) is not read: 3 packets",)
    assert result.file.link_types == ("link type 187 (BLUETOOTH_HCI_H4)",)


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng(tmp_path: Path, order: str) -> None:
    # Wireshark's own format; with two interfaces half of the packets would be read with the wrong link type or clock.
    voice = Voice(secret(1))
    captured = []
    for number, packet in enumerate(voice.packets(20)):
        inside = bytes(ip_packet(packet))
        interface = number % 2
        captured.append((BEGUN + number, interface, sll(inside) if interface else frame(packet)))
    path = pcapng(tmp_path / "a.pcapng", captured, (1, 113), order)
    result, packets = solved(path, secret(1))
    assert (result.file.form, result.file.link_types) == ("pcapng", ("Ethernet", "Linux cooked"))
    assert [packet.time for packet, _ in packets] == [BEGUN + number for number in range(20)]
    assert result.streams[0].packets == 20 and result.missing == ()
    # Cut anywhere, the packets before are read, and the place is told.
    whole = path.read_bytes()
    block_size = int.from_bytes(whole[-4:], "little" if order == "<" else "big")
    for at in range(len(whole) - 200, len(whole) - 1, 7):
        path.write_bytes(whole[:at])
        cut = solve(path, secret(1))
        assert cut.streams[0].packets in (17, 18, 19)
        between = (len(whole) - at) % block_size == 0
        assert between or ("ends within" in cut.file.cut and cut.file.cut in cut.missing)


@pytest.mark.parametrize("order, nano", [("<", True), (">", False), (">", True)])
def test_forms_of_pcap(tmp_path: Path, order: str, nano: bool) -> None:
    # The times would be of another century, or a capture of another machine would not be read.
    captured = frames(Voice(secret(1)).packets(3), every=0.25)
    result, packets = solved(pcap(tmp_path / "a.pcap", captured, order=order, nano=nano), secret(1))
    assert [packet.time for packet, _ in packets] == [BEGUN, BEGUN + 0.25, BEGUN + 0.5]
    assert result.streams[0].kind.value == "audio"


@pytest.mark.parametrize(
    "damage",
    [
        lambda blocks: blocks + block(6, struct.pack("<IIIII", 9, 0, 0, 0, 0)),
        lambda blocks: blocks + block(6, struct.pack("<IIIII", 0, 0, 0, 400, 400)),
        lambda blocks: blocks + struct.pack("<III", 6, 13, 0),
        lambda blocks: blocks + struct.pack("<III", 6, 1 << 30, 0),
        lambda blocks: blocks + struct.pack("<IIII", 5, 16, 0, 20) + block(1, bytes(8)),
        lambda blocks: blocks + b"\x0a\x0d\x0d\x0a" + bytes(24),
        lambda blocks: blocks + b"\x06",
    ],
)
def test_damaged_pcapng(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    # A damaged byte would end in a traceback, or the packets before it would be lost.
    captured = [(BEGUN, 0, frame(packet)) for packet in Voice(secret(1)).packets(5)]
    path = pcapng(tmp_path / "a.pcapng", captured, (1,))
    path.write_bytes(damage(path.read_bytes()))
    result = solve(path, secret(1))
    assert result.streams[0].packets == 5 and result.file.cut


def test_pcapng_sections(tmp_path: Path) -> None:
    # Of two captures that were put together the second would be read with the first one's links and clock.
    voice = Voice(secret(1))
    one, two = voice.packets(2)
    path = pcapng(tmp_path / "a.pcapng", [(BEGUN, 0, frame(one))], (1,))
    hour = struct.pack("<HHqHH", 14, 8, 3600, 0, 0)  # to add to each time
    interface = block(1, struct.pack("<HHI", 113, 0, 0) + hour)
    other = pcapng(tmp_path / "b.pcapng", [], ()).read_bytes() + interface
    data = sll(bytes(ip_packet(two)))
    ticks = round((BEGUN + 1) * 10**6)
    packet = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data)) + data
    path.write_bytes(path.read_bytes() + other + block(6, packet))
    result, packets = solved(path, secret(1))
    assert [plain.time for plain, _ in packets] == [BEGUN, BEGUN + 3601]
    assert result.file.link_types == ("Ethernet", "Linux cooked") and not result.file.cut


def test_impossible_times(command: Command) -> None:
    # A capture with a damaged clock would end the program when it shows or writes the time.
    data = frame(Voice(secret(1)).packets(1)[0])
    path = pcapng(command.folder / "a.pcapng", [], (1,))
    packet = block(6, struct.pack("<IIIII", 0, 0xFFFFFFFF, 0, len(data), len(data)) + data)
    path.write_bytes(path.read_bytes() + packet)
    command.file("call.key", bytes([1]) * 32)
    command.file(
        "log", json.dumps({"time": 9e15, "stanza": callkey.stanza_from_xml("<call><terminate/></call>").hex()})
    )
    own = ("--own", PHONE, "--participant", CALLER, "--call-id", CALL_ID, "--key", "call.key", "--log", "log")
    done = command("capture", "a.pcapng", *own, "--write-pcap", "plain.pcap")
    assert (done.status, done.err) == (0, "") and "1970-01-01" in done.out


def test_any_bytes(tmp_path: Path) -> None:
    # A hostile capture would end the program.
    voice, draw = Voice(secret(1)), random.Random(18)
    whole = pcap(tmp_path / "a.pcap", frames(voice.packets(30))).read_bytes()
    for _ in range(60):
        changed = bytearray(whole)
        for _ in range(draw.randrange(1, 12)):
            changed[draw.randrange(4, len(changed))] = draw.randrange(256)
        (tmp_path / "b.pcap").write_bytes(changed)
        solve(tmp_path / "b.pcap", secret(1))


def test_nested(tmp_path: Path) -> None:
    # One packet of IP in IP in IP would end the program.
    nested = b""
    for _ in range(2000):
        head = struct.pack("!BBHHHBBH8s", 0x45, 0, 20 + len(nested), 1, 0, 64, 4, 0, bytes(8))
        nested = head + nested
    (packet,) = Voice(secret(1)).packets(1)
    captured = [(BEGUN, nested), (BEGUN + 1, bytes(ip_packet(packet)))]
    result = solve(pcap(tmp_path / "a.pcap", captured, link=101), secret(1))
    assert result.streams[0].packets == 1
    assert [group.told for group in result.refused] == ["damaged or cut"]


def test_larger_than_a_packet(tmp_path: Path) -> None:
    # One record of nested headers would take hours.
    nested = struct.pack("!IHBB", 6 << 28, 0, 0, 64) + bytes(16 << 20)[:-40]
    (packet,) = Voice(secret(1)).packets(1)
    captured = [(BEGUN, nested), (BEGUN + 1, bytes(ip_packet(packet)))]
    result = solve(pcap(tmp_path / "a.pcap", captured, link=101), secret(1))
    assert result.streams[0].packets == 1
    assert [group.told for group in result.refused] == ["larger than an IP packet"]


def test_interfaces(tmp_path: Path) -> None:
    # A file of nothing but interfaces would use up the memory.
    captured = [(BEGUN, 4095, frame(packet)) for packet in Voice(secret(1)).packets(5)]
    path = pcapng(tmp_path / "a.pcapng", captured, [1] * 4096)
    assert solve(path, secret(1)).streams[0].packets == 5
    path = pcapng(tmp_path / "b.pcapng", captured, [1] * 4097)
    assert solve(path, secret(1)).file.cut == "the section has more than 4096 interfaces, at byte 81960"


def test_other_protocols_are_named(tmp_path: Path) -> None:
    # A person would not learn what the rest of the capture is, and a VPN in it would end the program.
    packets = [ip.IP(src=b"\x01" * 4, dst=b"\x02" * 4, p=p, data=bytes(40)) for p in (1, 6, 47, 132)]
    packets += [ip6.IP6(nxt=nxt, plen=40, src=bytes(16), dst=bytes(16), data=bytes(40)) for nxt in (58, 6, 50, 89)]
    captured = [(BEGUN, bytes(packet)) for packet in packets]
    result = solve(pcap(tmp_path / "a.pcap", captured, link=101), secret(1))
    told = {group.told: group.packets for group in result.refused}
    names = ("ICMP", "GRE", "SCTP", "ICMPv6", "ESP", "IP protocol 89")
    assert told == {"TCP": 2, **dict.fromkeys(names, 1)}


def test_inside_a_relay(tmp_path: Path) -> None:
    # Nearly all calls go through a relay, in framing of its own.
    voice = Voice(secret(1))
    one, two, three = voice.packets(3)
    channel = struct.pack("!HH", 0x4001, len(one)) + one + bytes(-len(one) % 4)
    attribute = struct.pack("!HH", 0x0013, len(two)) + two + bytes(-len(two) % 4)
    peer = struct.pack("!HH8s", 0x0012, 8, bytes(8))
    indication = struct.pack("!HHI12s", 0x0016, len(peer + attribute), 0x2112A442, bytes(12)) + peer + attribute
    _, packets = solved(pcap(tmp_path / "a.pcap", frames([channel, indication, three])), secret(1))
    assert [packet.data for packet, _ in packets] == [voice.plain(n) for n in range(3)]
    again = datagram.read(Record(0, 1, packets[0][1].carrying(b"x" * 20), 62))
    assert not isinstance(again, str) and again.payload == b"x" * 20


def test_fragments(tmp_path: Path) -> None:
    # Half a packet would be called forged.
    (packet,) = Voice(secret(1)).packets(1)
    captured = ethernet.Ethernet(frame(packet))
    captured.data.mf, captured.data.sum = 1, 0
    result = solve(pcap(tmp_path / "a.pcap", [(BEGUN, bytes(captured))]), secret(1))
    assert [group.told for group in result.refused] == ["an IP fragment, not reassembled"]


# Keys and counters


def test_counters(tmp_path: Path) -> None:
    # A capture that begins in the middle of a call, or has a pause in it, would not be read on.
    key = secret(1)
    first, late, after = Voice(key), Voice(key, first=(5 << 16) + 9), Voice(key, first=(9 << 16) + 70)
    sent = late.packets(3) + after.packets(2)
    result, packets = solved(pcap(tmp_path / "a.pcap", frames(sent)), key)
    (stream,) = result.streams
    assert (stream.roc_first, stream.roc_last, stream.packets) == (5, 9, 5)
    assert stream.lost == (4 << 16) + 70 - 9 - 3
    assert [packet.index & 0xFFFF for packet, _ in packets] == [9, 10, 11, 70, 71]
    # The counter back at 0 is refused: a receiver would not take it.
    result = solve(pcap(tmp_path / "b.pcap", frames(sent + first.packets(3))), key)
    assert reasons(result) == {Reason.WRONG_COUNTER: 3}
    assert {group.fits for group in result.refused} == {"roll-over counter 0, not 9"}


def test_roll_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each roll-over would cost a search, and a late packet from before it would be refused or count as the newest.
    key = secret(1)
    sent = Voice(key, first=65530).packets(12)
    searched: list[int] = []
    counter = Protection.counter

    def counted(self: Protection, packet: bytes, below: int, start: int = 0) -> int | None:
        searched.append(below)
        return counter(self, packet, below, start)

    monkeypatch.setattr(Protection, "counter", counted)
    order = [*sent[:4], *sent[6:], *sent[4:6]]
    (stream,) = solve(pcap(tmp_path / "a.pcap", frames(order)), key).streams
    assert (stream.packets, stream.reordered, stream.roc_first, stream.roc_last) == (12, 2, 0, 1)
    assert len(searched) == 1


@pytest.mark.parametrize("roc", [0, 3])
def test_key_change(tmp_path: Path, roc: int) -> None:
    # Audio after a change of the epoch would be lost, with an engine that keeps its counter or with one that does not.
    one, two = secret(1), secret(2, Epoch)
    voice = Voice(one, first=(3 << 16) + 100)
    before = voice.packets(10)
    after = Voice(two, first=(roc << 16) + 110).packets(10)
    mixed = [*before[:8], after[0], before[8], *after[1:], before[9], *after[-2:]]
    result, packets = solved(pcap(tmp_path / "a.pcap", frames(mixed)), one, two)
    (stream,) = result.streams
    assert [(use.secret, use.packets) for use in stream.secrets] == [("call key", 10), ("epoch 1", 10)]
    assert [(use.roc_first, use.roc_last) for use in stream.secrets] == [(3, 3), (roc, roc)]
    assert (stream.lost, stream.reordered, stream.duplicates) == (0, 2, 2)
    assert [change.roc_kept for change in result.changes] == [roc == 3]
    assert sorted(packet.index & 0xFFFF for packet, _ in packets) == list(range(100, 120))
    assert sorted(packet.index for packet, _ in packets)[-1] - min(packet.index for packet, _ in packets) == 19
    # Of the old key is nothing after the change.
    stale = voice.packets(30)[-1:]
    result = solve(pcap(tmp_path / "b.pcap", frames(mixed + stale)), one, two)
    assert reasons(result) == {Reason.ANOTHER_EPOCH: 1}


def test_wrong_device(tmp_path: Path) -> None:
    # The field's commonest mistake would stay unexplained.
    key = secret(1)
    right, wrong = Voice(key, CALLER), Voice(key, PHONE, first=50, ssrc=audio(CALLER))
    result = solve(pcap(tmp_path / "a.pcap", frames(right.packets(5) + wrong.packets(2))), key)
    assert reasons(result) == {Reason.WRONG_DEVICE: 2}
    assert result.refused[0].fits == PHONE
    # If all packets are so, they are read, and the difference is told.
    result = solve(pcap(tmp_path / "b.pcap", frames(Voice(key, PHONE, ssrc=audio(CALLER)).packets(5))), key)
    assert (result.streams[0].sender, result.streams[0].ssrc_of) == (PHONE, CALLER)


@pytest.mark.parametrize("roc", [0, 3])
def test_device_that_the_log_omits(tmp_path: Path, roc: int) -> None:
    # Another device of the callee answered: the audio would be noise, and nobody would know why.
    other = "222222222222222:37@lid"
    result = solve(pcap(tmp_path / "a.pcap", frames(Voice(secret(1), other, first=roc << 16).packets(5))), secret(1))
    (stream,) = result.streams
    assert (stream.sender, stream.named, stream.kind.value) == (other, False, "unknown")


@pytest.mark.parametrize("users", [45, 4500])
def test_large_groups(tmp_path: Path, users: int) -> None:
    # A foreign packet in a call of more than 40 users would end the program.
    senders = tuple(f"{10**14 + number}:1@lid" for number in range(users))
    (foreign,) = Voice(secret(2), ssrc=1).packets(1)
    sent = [foreign, *Voice(secret(1)).packets(5)]
    result = solve(pcap(tmp_path / "a.pcap", frames(sent)), secret(1), senders=(CALLER, *senders))
    assert reasons(result) == {Reason.NOT_OF_THIS_CALL: 1}
    assert result.streams[0].packets == 5


def test_endless_logs() -> None:
    # The memory would be used up by a file that is no log, or by a server that names millions of devices and calls.
    made = '<call><relaylatency call-id="{}" call-creator="{}:1@lid"/></call>'
    stanzas = [callkey.stanza_from_xml(made.format(CALL_ID, 10**14 + number)) for number in range(5000)]
    others = [callkey.stanza_from_xml(made.format(f"OTHER{number}", 1)) for number in range(200)]
    read = (Entry(number, f"line {number}", stanza) for number, stanza in enumerate(stanzas + others, 1))
    bad = (Entry(number, f"line {number}", wrong="the stanza is empty") for number in range(5201, 15201))
    with CallSecrets([PHONE], call_id=CALL_ID) as call:
        call.read(read, None)
        call.read(bad, None)
        assert (len(call.participants), call.crowded) == (4096, True)
        assert (len(call.others), len(call.stanzas), call.unlisted) == (100, 10_000, 5200)


def test_key_of_an_accept(tmp_path: Path) -> None:
    # A peer that answers with a key of its own could not be heard.
    ours, theirs = secret(1), secret(3)
    sent = [packet for pair in zip(Voice(ours, PHONE).packets(4), Voice(theirs, CALLER).packets(4)) for packet in pair]
    path = pcap(tmp_path / "a.pcap", frames(sent))
    with path.open("rb") as file, CallSecrets([PHONE], call_id=CALL_ID, participants=[CALLER]) as call:
        call.give(ours, "the test")  # type: ignore[arg-type]
        call._add(theirs, f"key of the accept of {CALLER}", "the test", None, CALLER)
        solver = Solver(Records("", file), call)
        list(solver.packets())
        streams = solver.told().streams
    assert {(stream.sender, stream.secrets[0].secret, stream.packets) for stream in streams} == {
        (PHONE, "call key", 4),
        (CALLER, f"key of the accept of {CALLER}", 4),
    }


def test_rtcp(tmp_path: Path) -> None:
    # Reports would not be read; a change of keys, a replay and a forgery in them neither.
    one, two, ssrc = secret(1), secret(2, Epoch), audio(CALLER)
    sender = SRTPSender(one.e2e_keys(CALLER), ssrc)
    sent = [sender.protect_rtcp(rtcp(number, ssrc=ssrc)) for number in range(6)]
    sender.rekey(two.e2e_keys(CALLER))
    sent += [sender.protect_rtcp(rtcp(number, ssrc=ssrc)) for number in range(6, 9)]
    forged = bytearray(sent[2])
    forged[20] ^= 1
    order = [sent[0], sent[2], sent[1], bytes(forged), sent[2], *sent[4:6], sent[6], sent[8]]
    result, packets = solved(pcap(tmp_path / "a.pcap", frames(order)), one, two)
    (stream,) = result.streams
    assert stream.rtcp and stream.kind.value == "audio"
    assert (stream.packets, stream.lost, stream.duplicates, stream.reordered, stream.refused) == (7, 2, 1, 1, 1)
    assert [packet.data for packet, _ in packets] == [rtcp(n, ssrc=ssrc) for n in (0, 2, 1, 4, 5, 6, 8)]
    assert [(change.before, change.after, change.roc_kept) for change in result.changes] == [
        ("call key", "epoch 1", True)
    ]


def test_reports_in_the_clear(tmp_path: Path) -> None:
    # RFC 3711 allows RTCP that is authenticated only; its contents would be shown as noise.
    key, ssrc = secret(1), audio(CALLER)
    plain = rtcp(3, ssrc=ssrc)
    packet = plain + (3).to_bytes(4, "big")
    packet += hmac.digest(bytes(key.e2e_keys(CALLER).srtcp_auth_key), packet, "sha1")[:10]
    _, packets = solved(pcap(tmp_path / "a.pcap", frames([packet])), key)
    assert [(plain_packet.index, plain_packet.data) for plain_packet, _ in packets] == [(3, plain)]


def test_floods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Other traffic would use up the memory or hours; a forger's packets before ours would hide a stream.
    key, draw = secret(1), random.Random(7)
    header = struct.pack("!BBH", 0x80, 120, 0)
    noise = [header + draw.randbytes(40) for _ in range(1500)]
    owned = [header + bytes(4) + struct.pack("!I", audio(CALLER)) + draw.randbytes(40) for _ in range(300)]
    voice = Voice(key)
    sent = noise + owned + voice.packets(50) + owned + voice.packets(50)
    searched: list[int] = []
    select = callkey.select_participant

    def counted(*given: Any, **named: Any) -> int:
        searched.append(named["roc"])
        return select(*given, **named)

    monkeypatch.setattr(callkey, "select_participant", counted)
    result = solve(pcap(tmp_path / "a.pcap", frames(sent)), key)
    assert len(searched) == 4 * 128
    assert result.streams[0].packets == 100 and result.streams[0].refused == 600
    assert len(result.refused) <= 1020
    assert sum(group.packets for group in result.refused) == 2100
    assert any("the first 300 packets" in sentence for sentence in result.missing)


def test_endless_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A participant who sends each packet under another SSRC would use up the memory.
    monkeypatch.setattr("callkey.capture.solver._MOST_STREAMS", 40)
    sent = [packet for ssrc in range(50) for packet in Voice(secret(1), ssrc=1 + ssrc % 45).packets(1)]
    result = solve(pcap(tmp_path / "a.pcap", frames(sent)), secret(1))
    assert [stream.ssrc for stream in result.streams] == list(range(1, 41))
    assert reasons(result) == {Reason.NOT_OF_THIS_CALL: 5}
    assert result.missing == ("there are more than 40 streams: 5 packets of others are not read",)


@pytest.mark.parametrize("seed", range(20))
def test_positions(seed: int) -> None:
    # Losses would be told that nobody had.
    draw = random.Random(seed)
    start = draw.choice([0, 65530, 1 << 20])
    kept = [start + n for n in range(400) if draw.random() > 0.1]
    came = sorted(kept + draw.sample(kept, 20), key=lambda position: position + draw.random() * 12)
    positions, seen = Positions(), set[int]()
    for second, position in enumerate(came):
        assert positions.add(position, float(second)) == (position not in seen)
        seen.add(position)
    assert positions.packets == len(kept) and positions.duplicates == 20
    assert positions.lost == max(kept) - min(kept) + 1 - len(kept)
    highest, late = -1, 0
    for position in dict.fromkeys(came):
        late += position < highest
        highest = max(highest, position)
    assert positions.reordered == late
    assert sum(loss.packets for loss in positions.losses()) == positions.lost


def test_foreign_streams_are_bounded(tmp_path: Path) -> None:
    # Each SSRC of other traffic would take memory.
    draw = random.Random(3)
    noise = [struct.pack("!BBHII", 0x80, 120, 0, 0, number) + draw.randbytes(20) for number in range(1200)]
    path = pcap(tmp_path / "a.pcap", frames(noise))
    with path.open("rb") as file, CallSecrets([PHONE], call_id=CALL_ID) as call:
        solver = Solver(Records("", file), call)
        assert list(solver.packets()) == []
        assert len(solver._unsolved) == 1000 and len(solver.told().refused) < 1020


def test_very_long(tmp_path: Path) -> None:
    # The result of a long call would fill the memory.
    positions = Positions()
    for number in range(0, 40_000, 2):
        positions.add(number, number / 50)
    losses = positions.losses()
    assert len(losses) <= 256 and sum(loss.packets for loss in losses) == positions.lost == 19_999
    assert not positions.add(3, 900.0) and positions.duplicates == 1  # further back than is remembered


def test_marks_are_bounded() -> None:
    # Each refused packet would take memory.
    marks = Marks()
    for number in range(100_000):
        marks.add(number * 1.5, number * 1.5)
        assert len(marks._spans) <= 513
    told = marks.told()
    assert len(told) <= 256 and sum(mark.packets for mark in told) == 100_000


def test_secrets_are_wiped(tmp_path: Path) -> None:
    # The keys of a call would stay in the memory of a program that only looked at a capture.
    path = pcap(tmp_path / "a.pcap", frames(Voice(secret(1)).packets(2)))
    with path.open("rb") as file, CallSecrets([PHONE], call_id=CALL_ID, participants=[CALLER]) as call:
        call.give(CallKey.from_bytes(bytes([1]) * 32), "the test")
        solver = Solver(Records("", file), call)
        assert len(list(solver.packets())) == 2
        keys = [protection._open() for protection in solver._keyring._made.values()]
        solver.close()
        assert keys and all(each.wiped for each in keys)
        held = [each.secret for each in call.secrets]
        assert not held[0].wiped
    assert all(each.wiped for each in held)


def test_two_links_in_one_plain_file(command: Command) -> None:
    # A pcap file has one link type: packets of another would be noise in it, or missing without a word.
    voice = Voice(secret(1))
    captured = []
    for number, packet in enumerate(voice.packets(6)):
        data = frame(packet) if number % 3 else sll(bytes(ip_packet(packet)))
        captured.append((BEGUN + number, 0 if number % 3 else 1, data))
    times = [(time + 0.9999997, interface, data) for time, interface, data in captured]
    pcapng(command.folder / "a.pcapng", times, (1, 113))
    command.file("call.key", bytes([1]) * 32)
    own = ("--own", PHONE, "--participant", CALLER, "--call-id", CALL_ID, "--key", "call.key")
    done = command("capture", "a.pcapng", *own, "--write-pcap", "plain.pcap")
    assert done.status == 0 and "4 packets of another link type are not in it" in done.out
    data = (command.folder / "plain.pcap").read_bytes()
    assert struct.unpack_from("<I", data, 20) == (113,)
    assert struct.unpack_from("<II", data, 24) == (int(BEGUN) + 1, 0)


# Stores and sessions


@pytest.fixture
def call(command: Command, tmp_path: Path) -> Iterator[tuple[Command, Path, bytes, Store]]:
    """A phone's store with a storage key, and a call to it; the store is in use."""
    command.file("storage.key", bytes(range(32, 64)))
    path = tmp_path / "phone.db"
    with Store.open() as caller, Store.open(path, storage_key=bytes(range(32, 64))) as phone:
        caller.session(PHONE).begin(phone.take_bundle())
        pair = Pair(caller, phone)
        pair.acknowledge()
        session = phone.session(CALLER).export().reveal()
        command.file("session.bin", session)
        wires = []
        for number in (1, 2):
            with CallKey.from_bytes(bytes([number]) * 32) as key:
                options = callkey.OfferOptions(to=OFFER.to, call_id=f"AB1{number}", call_creator=CALLER, stanza_id="1")
                wires.append(caller.seal_offer(key, [PHONE], options).wire)
        command.file("call.log", "\n".join(wire.hex() for wire in wires))
        captured: Frames = frames(Voice(secret(2)).packets(5))
        pcap(tmp_path / "call.pcap", captured)
        yield command, path, wires[1], phone


def test_store(call: tuple[Command, Path, bytes, Store]) -> None:
    # The user's app could not open its own call any more.
    command, _, wire, phone = call
    solving = ("capture", "call.pcap", "--log", "call.log", "--own", PHONE, "--store", "phone.db")
    keyed = (*solving, "--storage-key", "storage.key", "--call-id", "AB12")
    for _ in range(2):
        done = command(*keyed, "--json")
        told = json.loads(done.out)
        assert (done.status, told["streams"][0]["packets"]) == (1, 5)
        assert told["missing"] == ["the log has the call AB11 too; --call-id chooses it"]
        done_with = [stanza["done"] for stanza in told["stanzas"]]
        assert done_with == ["of another call, AB11", "call key " + told["secrets"][0]["fingerprint"]]
    key, _ = phone.open_offer(wire, own=[PHONE])
    assert key == CallKey.from_bytes(bytes([2]) * 32)
    assert "--storage-key is needed" in command(*solving).err
    assert command(*solving, "--plaintext").status == 1


def test_session(call: tuple[Command, Path, bytes, Store]) -> None:
    # A session that was exported would open only one message of the call.
    command, _, _, _ = call
    before = (command.folder / "session.bin").read_bytes()
    own = ("capture", "call.pcap", "--log", "call.log", "--own", PHONE, "--call-id", "AB12")
    done = command(*own, "--session", f"{CALLER}=session.bin")
    assert "5 packets" in done.out and "✓ 2 offer: call key" in done.out
    assert (command.folder / "session.bin").read_bytes() == before
    done = command(*own, "--session", f"{DESKTOP}=session.bin", "--json")
    assert done.status == 1 and f"a msg needs the session with {CALLER}" in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it looks at the files of a process in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended(call: tuple[Command, Path, bytes, Store], number: signal.Signals) -> None:
    # The copy of a store, and with it the secrets of a device, would stay in memory until the machine restarts.
    command, _, _, _ = call
    os.mkfifo(command.folder / "fifo")
    arguments = ("call.pcap", "--log", "fifo", "--own", PHONE, "--store", "phone.db", "--storage-key", "storage.key")
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    # Where the tests run in the background, these signals may be ignored.
    started = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
runpy.run_module("callkey", run_name="__main__", alter_sys=True)
"""
    process = subprocess.Popen([sys.executable, "-c", started, "capture", *arguments], env=environment)
    try:
        with os.fdopen(_opened_to_write("fifo", process), "wb"):
            held = [Path(os.readlink(each)) for each in Path(f"/proc/{process.pid}/fd").iterdir()]
            (copy,) = {path.parent for path in held if path.name == "store.db"}
            process.send_signal(number)
            assert process.wait(30) == 128 + number
        assert not copy.exists()
    finally:
        process.kill()
        process.wait()


def _opened_to_write(fifo: str, process: subprocess.Popen[bytes]) -> int:
    """Once the process reads it."""
    while process.poll() is None:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)
    raise AssertionError(f"the command ended with status {process.returncode}")


def test_full_disk(call: tuple[Command, Path, bytes, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    # Half a call in the clear would stay, and the same command would fail the next time because the file exists.
    command, _, _, _ = call

    def full(self: object, plain: bytes, carrier: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    solving = ("capture", "call.pcap", "--log", "call.log", "--own", PHONE, "--call-id", "AB12")
    keyed = (*solving, "--session", f"{CALLER}=session.bin", "--write-pcap", "plain.pcap")
    with monkeypatch.context() as changed:
        changed.setattr("callkey.capture.plain.PlainCapture.write", full)
        done = command(*keyed)
    assert (done.status, done.err) == (2, "callkey: error: can't write plain.pcap: No space left on device\n")
    assert not (command.folder / "plain.pcap").exists()
    assert command(*keyed).status == 1 and (command.folder / "plain.pcap").exists()
    command.file("here.svg", "mine")
    assert command(*keyed[:-1], "other.pcap", "--timeline", "here.svg").status == 2
    assert not (command.folder / "other.pcap").exists() and (command.folder / "here.svg").read_text() == "mine"


def test_nothing_is_left_behind(call: tuple[Command, Path, bytes, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    # A copy of the store, with its sessions, would stay in a temporary folder.
    import tempfile

    command, _, _, _ = call
    made: list[str] = []
    real = tempfile.mkdtemp

    def noted(*given: Any, **named: Any) -> str:
        made.append(real(*given, **named))
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", noted)
    keyed = ("--store", "phone.db", "--storage-key", "storage.key")
    command("capture", "call.pcap", "--log", "call.log", "--own", PHONE, *keyed)
    assert len(made) == 1 and not Path(made[0]).exists()


def test_log(tmp_path: Path) -> None:
    # A call would have participants that send nothing, one secret twice, or none although the log names the sender.
    path = tmp_path / "phone.db"
    with Store.open() as caller, Store.open(path, plaintext=True) as phone:
        caller.session(PHONE).begin(phone.take_bundle())
        identified = replace(IDENTIFIED, call_id=CALL_ID, call_creator="444444444444444:0@lid")
        with CallKey.from_bytes(bytes([1]) * 32) as key:
            offer = caller.seal_offer(key, [PHONE], identified).wire
        xml = callkey.stanza_to_xml(offer).replace("<call ", f'<call from="{CALLER}" ', 1)
        contradicted = callkey.stanza_from_xml(xml)
        with Epoch.from_bytes(bytes([2]) * 32) as epoch:
            rekeys = [caller.seal_rekey(epoch, PHONE, identified, transaction_id=4) for _ in range(2)]
        update = f'<group_update call-id="{CALL_ID}" call-creator="1@bot"/>'
        group = f'<call from="120363000000000000@g.us" id="3">{update}</call>'
        entries = [
            Entry(1, "line 1", contradicted, 10.0),
            Entry(2, "line 2", contradicted, 11.0, None, CALLER),
            Entry(3, "line 3", rekeys[0], 12.0, None, CALLER),
            Entry(4, "line 4", rekeys[1], 13.0, None, CALLER),
            Entry(5, "line 5", callkey.stanza_from_xml(group), 14.0),
            Entry(6, "line 6", offer, 15.0, "out"),
        ]
        with CallSecrets([PHONE]) as call:
            call.read(entries, phone)
            told = [stanza.done for stanza in call.stanzas]
            assert 'name the sending device as "from"' in told[0]
            assert told[3] == told[2] + " again"
            assert told[4] == "nothing about keys" and "sent by this device" in told[5]
            assert [stanza.good for stanza in call.stanzas] == [False, True, True, True, True, True]
            secrets = [(each.told.name, each.told.since, each.told.until) for each in call.secrets]
            assert secrets == [("call key", 11.0, 12.0), ("epoch 4", 12.0, None)]
            assert call.participants == (PHONE, "444444444444444:0@lid", CALLER)
            assert (call.told().begun, call.told().ended, call.told().group) == (10.0, 15.0, True)


def test_accept_with_a_key() -> None:
    # The caller could not hear a peer that answers with a key of its own: the accept would be a stanza like others.
    with Store.open() as caller, Store.open() as phone:
        caller.session(PHONE).begin(phone.take_bundle())
        Pair(caller, phone).acknowledge()
        with CallKey.from_bytes(bytes([3]) * 32) as theirs:
            sealed = phone.seal_enc(CALLER, theirs)
        enc = f'<enc v="2" type="msg" count="0">{sealed.ciphertext.hex()}</enc>'
        accept = f'<accept call-id="{CALL_ID}" call-creator="{CALLER}">{enc}</accept>'
        wire = callkey.stanza_from_xml(f'<call from="{PHONE}" id="3">{accept}</call>')
        with CallSecrets([CALLER]) as call:
            call.give(CallKey.from_bytes(bytes([1]) * 32), "the test")
            call.read([Entry(1, "line 1", wire, 10.0)], caller)
            secrets = [(each.told.name, each.told.sender, each.told.until) for each in call.secrets]
            assert secrets == [("call key", "", None), (f"key of the accept of {PHONE}", PHONE, None)]
            assert call.secrets[1].secret == CallKey.from_bytes(bytes([3]) * 32)
