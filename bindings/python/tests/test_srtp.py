"""callkey.srtp by itself: known answers, what it refuses, and what a refusal leaves."""

from __future__ import annotations

import copy
import hmac
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import PHONE, TREE
from rtp import PLAIN, SSRC, TAGS, header, rtcp, rtp, srtp_keys
from wiping import in_thread

import callkey
from callkey import CallKey, Epoch, SRTPKeys
from callkey.srtp import (
    AuthenticationError,
    MalformedPacketError,
    ReplayError,
    SRTPError,
    SRTPReceiver,
    SRTPSender,
    check,
)

LAST_ROC = 0xFFFFFFFF
# libsrtp 2.5's packets of rtp(65534), rtp(65535) and rtp(0), from the last roll-over counter on (srtp_set_stream_roc).
AT_THE_EDGE = {
    4: (
        "8078fffe03bff880123456783bf2ee47c889fa69c4a0d4e945764c31",
        "8078ffff03bffc401234567878f40b672c2881513f9205a118dbec04",
        "80780000000000001234567812f237a5e81ccb23a35cdb7112bfade4",
    ),
    10: (
        "8078fffe03bff880123456783bf2ee47c889fa69c4a0d4e945764c3105a6aad0b242",
        "8078ffff03bffc401234567878f40b672c2881513f9205a118dbec048e5b00340c0d",
        "80780000000000001234567812f237a5e81ccb23a35cdb7112bfade4f153fb7b583b",
    ),
}


@pytest.fixture
def keys(key: CallKey) -> Iterator[SRTPKeys]:
    with key.e2e_keys(PHONE) as made:
        yield made


@pytest.fixture
def others() -> Iterator[SRTPKeys]:
    with Epoch.from_bytes(bytes(range(32, 64))) as epoch, epoch.e2e_keys(PHONE) as made:
        yield made


def test_vectors() -> None:
    # A captured packet could not be read.
    for case in json.loads((TREE / "testdata" / "vectors" / "srtp_packet.json").read_text())["cases"]:
        given, out = case["in"], case["out"]
        payload, encrypted = bytes.fromhex(given["payload_hex"]), bytes.fromhex(out["encrypted_payload_hex"])
        with CallKey.from_bytes(bytes.fromhex(given["key_hex"])) as key, key.e2e_keys(given["participant"]) as keys:
            roc, size, ssrc = given["roc"], given["tag_len"], given["ssrc"]
            plain = header(given["seq"], ssrc=ssrc) + payload
            protected = SRTPSender(keys, ssrc, roc, size).protect(plain)
            assert protected[12:-size] == encrypted
            # The vector's own tag is over bytes that are no packet; the library's tag is tested with it.
            assert protected[-size:][:4] == callkey.warp_tag(keys.srtp_auth_key, protected[:-size], roc=roc)
            assert check(keys, protected, roc, size)
            assert SRTPReceiver(keys, roc, size).unprotect(protected) == plain


def test_rfc_3711_b2() -> None:
    # The key stream would be right for short packets only.
    cipher, salt = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfd")
    part = cipher + bytes(range(1, 21)) + salt
    with srtp_keys(part + part) as keys:
        protected = SRTPSender(keys, 0).protect(header(0, ssrc=0) + bytes(16 * 0xFF02))
    stream = protected[12:-4].hex()
    assert stream.startswith(
        "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0"
    )
    assert stream.endswith(
        "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44"
    )


@pytest.mark.parametrize("tag", TAGS)
def test_last_counter(keys: SRTPKeys, others: SRTPKeys, tag: int) -> None:
    # The key stream of a call's beginning would come again: who has both packets reads both.
    packets = [bytes.fromhex(packet) for packet in AT_THE_EDGE[tag]]
    sender, receiver = SRTPSender(keys, SSRC, LAST_ROC, tag), SRTPReceiver(keys, LAST_ROC, tag)
    for number, packet in zip((65534, 65535), packets):
        assert sender.protect(rtp(number)) == packet
        assert receiver.unprotect(packet) == rtp(number)
    with pytest.raises(SRTPError, match="rekey first"):
        sender.protect(rtp(0))
    with pytest.raises(SRTPError, match="2\\^48") as caught:
        receiver.unprotect(packets[2])
    assert type(caught.value) is SRTPError and caught.value.roc == 0
    assert sender.roc == receiver.roc(SSRC) == LAST_ROC
    sender.rekey(others)
    receiver.rekey(others)
    first = sender.protect(rtp(0))
    assert first == SRTPSender(others, SSRC, auth_tag=tag).protect(rtp(0))
    assert receiver.unprotect(first) == rtp(0)
    assert sender.roc == receiver.roc(SSRC) == 0
    for number in (65535, 1):  # the one before the edge can still come
        assert receiver.unprotect(sender.protect(rtp(number))) == rtp(number)
    assert check(others, SRTPSender(others, SSRC, LAST_ROC).protect(rtp(5)), LAST_ROC)


def test_last_rtcp_index(keys: SRTPKeys, others: SRTPKeys) -> None:
    # The same for RTCP, whose index has 31 bits: its 32nd would be taken for the E bit.
    sender, receiver = SRTPSender(keys, SSRC, rtcp_index=(1 << 31) - 1), SRTPReceiver(keys)
    protected = sender.protect_rtcp(rtcp(1))
    assert protected[-14:-10] == b"\xff\xff\xff\xff"
    assert receiver.unprotect_rtcp(protected) == rtcp(1)
    for _ in range(2):
        with pytest.raises(SRTPError, match="rekey first"):
            sender.protect_rtcp(rtcp(2))
    sender.rekey(others)
    receiver.rekey(others)
    protected = sender.protect_rtcp(rtcp(2))
    assert protected[-14:-10] == b"\x80\0\0\0"
    assert receiver.unprotect_rtcp(protected) == rtcp(2)


def test_only_authenticated(keys: SRTPKeys) -> None:
    # RTCP of a peer that authenticates and does not encrypt would come out as noise.
    body = rtcp(3) + (5).to_bytes(4, "big")
    tag = hmac.new(bytes(keys.srtcp_auth_key), body, "sha1").digest()[:10]
    assert SRTPReceiver(keys).unprotect_rtcp(body + tag) == rtcp(3)


@pytest.mark.parametrize("tag", TAGS)
def test_window(keys: SRTPKeys, tag: int) -> None:
    # A packet would be played twice, or a late one lost.
    sender, receiver = SRTPSender(keys, SSRC, auth_tag=tag), SRTPReceiver(keys, auth_tag=tag)
    packets = [sender.protect(rtp(number & 0xFFFF)) for number in range(65400, 65400 + 200)]
    for n in (0, 199):
        receiver.unprotect(packets[n])
    for n in (72, 198, 136):  # the oldest in the window is 127 packets behind
        receiver.unprotect(packets[n])
    for n in (0, 71, 72, 136, 198, 199):
        with pytest.raises(ReplayError) as caught:
            receiver.unprotect(packets[n])
        sequence, roc = (65400 + n) & 0xFFFF, (65400 + n) >> 16
        assert (caught.value.ssrc, caught.value.sequence, caught.value.roc) == (SSRC, sequence, roc)
        assert ("packets behind" in str(caught.value)) == (n in (0, 71))
    for n in set(range(72, 199)) - {72, 136, 198}:
        receiver.unprotect(packets[n])


@pytest.mark.parametrize("tag", TAGS)
def test_every_bit_of_the_tag(keys: SRTPKeys, tag: int) -> None:
    # Forging a packet would take fewer tries.
    sender, receiver = SRTPSender(keys, SSRC, auth_tag=tag), SRTPReceiver(keys, auth_tag=tag)
    packet, report = sender.protect(rtp(1)), sender.protect_rtcp(rtcp(1))
    for bit in range(8 * 10):
        at, flipped = -1 - bit // 8, 1 << bit % 8
        forged = bytearray(report)
        forged[at] ^= flipped
        with pytest.raises(AuthenticationError):
            receiver.unprotect_rtcp(forged)
        if bit < 8 * tag:
            forged = bytearray(packet)
            forged[at] ^= flipped
            assert not check(keys, forged, 0, tag)
            with pytest.raises(AuthenticationError):
                receiver.unprotect(forged)
    assert (receiver.unprotect(packet), receiver.unprotect_rtcp(report)) == (rtp(1), rtcp(1))


def test_streams_are_separate(keys: SRTPKeys) -> None:
    # The video's packets would decide which ones of the audio are old.
    receiver = SRTPReceiver(keys, {1: 7})
    audio, video = SRTPSender(keys, 1, 7), SRTPSender(keys, 2)
    for number in (65535, 0):
        receiver.unprotect(audio.protect(rtp(number, ssrc=1)))
    receiver.unprotect(video.protect(rtp(0, ssrc=2)))
    assert [receiver.roc(ssrc) for ssrc in (1, 2, 3)] == [8, 0, None]
    protected = audio.protect_rtcp(rtcp(0, ssrc=1)), video.protect_rtcp(rtcp(0, ssrc=2))
    assert [receiver.unprotect_rtcp(one) for one in protected] == [rtcp(0, ssrc=1), rtcp(0, ssrc=2)]


def test_refused_changes_nothing(keys: SRTPKeys, others: SRTPKeys) -> None:
    # Anybody could end a call with one packet: it moves the window or the counter beyond all that follow.
    sender, stranger = SRTPSender(keys, SSRC), SRTPSender(others, SSRC, 5)
    receiver = SRTPReceiver(keys)
    forged = [stranger.protect(rtp(number)) for number in (40000, 65535, 0, 1, 30000)]
    reports = [stranger.protect_rtcp(rtcp(number)) for number in range(3)]
    for packet in forged:
        with pytest.raises(AuthenticationError):
            receiver.unprotect(packet)
    assert receiver.roc(SSRC) is None
    for number in (1, 2):
        receiver.unprotect(sender.protect(rtp(number)))
        for packet in forged[:1] + forged[3 + number :]:
            with pytest.raises(AuthenticationError):
                receiver.unprotect(packet)
    for number in range(3):
        with pytest.raises(AuthenticationError):
            receiver.unprotect_rtcp(reports[number])
        assert receiver.unprotect_rtcp(sender.protect_rtcp(rtcp(number))) == rtcp(number)
    assert receiver.roc(SSRC) == 0
    assert receiver.unprotect(sender.protect(rtp(3))) == rtp(3)


MALFORMED = {
    "an RTP header has 12 bytes, and 11 are left": b"\x80" + bytes(10),
    "RTP version 1": b"\x40" + bytes(11),
    "RTP version 3": b"\xc0" + bytes(11),
    "1 CSRCs end after": header(7, first=0x81) + bytes(3),
    "15 CSRCs end after": header(7, first=0x9F) + bytes(59),
    "extension ends after": header(7, first=0x90) + bytes(3),
    "the header extension ends after": header(7, first=0x91) + bytes(4) + b"\xbe\xde\x00\x02" + bytes(7),
    "more than 1048576 bytes": header(7) + bytes((1 << 20) + 1),
}


@pytest.mark.parametrize("what", MALFORMED)
@pytest.mark.parametrize("tag", TAGS)
def test_malformed(keys: SRTPKeys, what: str, tag: int) -> None:
    # A tool would crash on the packets of another program, or read beyond one.
    packet = MALFORMED[what]
    sender, receiver = SRTPSender(keys, SSRC, auth_tag=tag), SRTPReceiver(keys, auth_tag=tag)
    refusals: list[Callable[[], object]] = [
        lambda: sender.protect(packet),
        lambda: receiver.unprotect(packet + bytes(tag)),
        lambda: check(keys, packet + bytes(tag), 0, tag),
    ]
    for refused in refusals:
        with pytest.raises(MalformedPacketError, match=what) as caught:
            refused()
        assert isinstance(caught.value, (SRTPError, callkey.MalformedError, ValueError))
        named = len(packet) >= 12 and packet[0] >> 6 == 2
        assert (caught.value.ssrc, caught.value.sequence) == ((SSRC, 7) if named else (None, None))
    assert sender.protect(rtp(7)) and receiver.roc(SSRC) is None


@pytest.mark.parametrize("size", range(12 + 4))
def test_cut(keys: SRTPKeys, size: int) -> None:
    # The same of a packet that was cut anywhere.
    with pytest.raises(MalformedPacketError):
        SRTPReceiver(keys).unprotect(SRTPSender(keys, SSRC).protect(rtp(7))[:size])


@pytest.mark.parametrize("size", range(8 + 4 + 10))
def test_cut_rtcp(keys: SRTPKeys, size: int) -> None:
    # The same of an RTCP packet.
    sender = SRTPSender(keys, SSRC)
    with pytest.raises(MalformedPacketError):
        SRTPReceiver(keys).unprotect_rtcp(sender.protect_rtcp(rtcp(7))[:size])
    for wrong, what in ((b"\x40" + rtcp(7)[1:], "RTCP version 1"), (rtcp(7) + bytes(1 << 20), "1048576"), (b"", "8")):
        with pytest.raises(MalformedPacketError, match=what):
            sender.protect_rtcp(wrong)
        with pytest.raises(MalformedPacketError, match=what):
            SRTPReceiver(keys).unprotect_rtcp(wrong + bytes(14))
    assert sender.rtcp_index == 1


def test_sent_once(key: CallKey, keys: SRTPKeys, others: SRTPKeys) -> None:
    # Two contents under one key stream: who has both packets reads both.
    sender = SRTPSender(keys, SSRC)
    assert sender.roc == 0
    for number in (200, 100):
        sender.protect(rtp(number))
        for repeated in (number, 72):
            with pytest.raises(ReplayError):
                sender.protect(rtp(repeated, b"another"))
    with key.e2e_keys(PHONE) as same:
        sender.rekey(same)
        sender.rekey(keys)
    with pytest.raises(ReplayError):
        sender.protect(rtp(200, b"another"))
    sender.rekey(others)
    sender.protect(rtp(200, b"another"))
    with pytest.raises(callkey.ArgumentError, match="in use before"):
        sender.rekey(keys)
    other_ssrc = "SSRC 0x00000009, and the sender's is 0x12345678"
    with pytest.raises(callkey.ArgumentError, match=other_ssrc):
        sender.protect(rtp(1, ssrc=9))
    with pytest.raises(callkey.ArgumentError, match=other_ssrc):
        sender.protect_rtcp(rtcp(1, ssrc=9))


def test_replayed_after_rekey(keys: SRTPKeys, others: SRTPKeys) -> None:
    # Keys that come back would let all their old packets in again.
    receiver = SRTPReceiver(keys)
    packet = SRTPSender(keys, SSRC).protect(rtp(1))
    receiver.unprotect(packet)
    receiver.rekey(keys)
    with pytest.raises(ReplayError):
        receiver.unprotect(packet)
    receiver.rekey(others)
    with pytest.raises(callkey.ArgumentError, match="in use before"):
        receiver.rekey(keys)
    with pytest.raises(AuthenticationError):
        receiver.unprotect(packet)


def test_wiped(key: CallKey, keys: SRTPKeys) -> None:
    # Zeros would go out as a key, authentic to whoever has zeros too.
    gone = key.e2e_keys(PHONE)
    sender, receiver = SRTPSender(gone, SSRC), SRTPReceiver(gone)
    packet, report = sender.protect(rtp(1)), sender.protect_rtcp(rtcp(1))
    gone.wipe()
    for use in (
        lambda: sender.protect(rtp(2)),
        lambda: sender.protect_rtcp(rtcp(2)),
        lambda: receiver.unprotect(packet),
        lambda: receiver.unprotect_rtcp(report),
        lambda: check(gone, packet, 0),
        lambda: SRTPSender(gone, SSRC),
        lambda: SRTPReceiver(gone),
        lambda: receiver.rekey(gone),
    ):
        with pytest.raises(callkey.WipedError):
            use()
    assert receiver.roc(SSRC) is None and sender.rtcp_index == 1
    sender.rekey(srtp_keys())
    assert sender.protect(rtp(2))  # it was not sent
    receiver.rekey(keys)
    assert receiver.unprotect(packet) == rtp(1)


@pytest.mark.parametrize("call", ["protect", "protect_rtcp", "unprotect", "unprotect_rtcp", "check"])
def test_wiped_meanwhile(key: CallKey, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A packet under a key of zeros would go out, or come in, because another thread's task failed.
    keys = key.e2e_keys(PHONE)
    right = [bytes(keys.srtp_auth_key), bytes(keys.srtcp_auth_key)]
    packet, report = SRTPSender(keys, SSRC).protect(rtp(1)), SRTPSender(keys, SSRC).protect_rtcp(rtcp(1))
    sender, receiver = SRTPSender(keys, SSRC), SRTPReceiver(keys)
    digest, read = hmac.digest, []

    def wiped_first(used: memoryview, text: bytes, name: str) -> bytes:
        in_thread(keys.wipe)
        read.append(bytes(used))
        return digest(used, text, name)

    monkeypatch.setattr(hmac, "digest", wiped_first)
    uses: dict[str, Callable[[], object]] = {
        "protect": lambda: sender.protect(rtp(1)),
        "protect_rtcp": lambda: sender.protect_rtcp(rtcp(1)),
        "unprotect": lambda: receiver.unprotect(packet),
        "unprotect_rtcp": lambda: receiver.unprotect_rtcp(report),
        "check": lambda: check(keys, packet, 0),
    }
    with pytest.raises(callkey.WipedError):
        uses[call]()
    assert len(read) == 1 and read[0] in right
    assert not any(keys._buffer) and receiver.roc(SSRC) is None


def test_closed(keys: SRTPKeys, others: SRTPKeys) -> None:
    # Packets would be sent under the keys of a call that is over.
    with SRTPSender(keys, SSRC) as sender, SRTPReceiver(keys) as receiver:
        packet, report = sender.protect(rtp(1)), sender.protect_rtcp(rtcp(1))
        assert repr(sender) == "<SRTPSender: SSRC 0x12345678, 4-byte tags>"
        assert repr(receiver) == "<SRTPReceiver: 4-byte tags, streams: 0>"
    assert sender.closed and receiver.closed and not keys.wiped
    assert (repr(sender), repr(receiver)) == ("<SRTPSender: closed>", "<SRTPReceiver: closed>")
    for use in (
        lambda: sender.protect(rtp(2)),
        lambda: sender.protect_rtcp(rtcp(2)),
        lambda: sender.rekey(others),
        lambda: receiver.unprotect(packet),
        lambda: receiver.unprotect_rtcp(report),
        lambda: receiver.rekey(others),
        lambda: receiver.roc(SSRC),
        sender.__enter__,
        receiver.__enter__,
    ):
        with pytest.raises(callkey.HandleError, match="is closed"):
            use()
    sender.close()


def test_arguments(keys: SRTPKeys) -> None:
    # A wrong argument would be noticed with the first packet, or as noise.
    for wrong in (0, 8, "4", None):
        for made in (lambda w: SRTPReceiver(keys, auth_tag=w), lambda w: check(keys, rtp(1), 0, w)):
            with pytest.raises(callkey.ArgumentError, match="auth_tag is .*; it is 4 or 10 bytes"):
                made(wrong)
    for use, name in (
        (lambda: SRTPReceiver(keys, -1), "roc is"),
        (lambda: SRTPReceiver(keys, {1: 1 << 32}), "roc\\[1\\] is"),
        (lambda: SRTPSender(keys, 1 << 32), "ssrc is"),
        (lambda: SRTPSender(keys, 1, 1 << 32), "roc is"),
        (lambda: SRTPSender(keys, 1, rtcp_index=1 << 31), "rtcp_index is"),
        (lambda: check(keys, rtp(1), 1 << 32), "roc is"),
    ):
        with pytest.raises(callkey.ArgumentError, match=name):
            use()
    for given in (bytes(130), keys.libsrtp_key, None):
        with pytest.raises(TypeError, match="keys must be callkey.SRTPKeys"):
            SRTPReceiver(given)  # type: ignore[arg-type]
    for packet in ("text", 7, None, [1]):
        with pytest.raises(TypeError, match="packet must be bytes or another buffer"):
            SRTPReceiver(keys).unprotect(packet)  # type: ignore[arg-type]


def test_no_copies(keys: SRTPKeys) -> None:
    # Two senders with one state encrypt two packets alike.
    for one in (SRTPSender(keys, SSRC), SRTPReceiver(keys)):
        for copied in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="is not copied or pickled"):
                copied(one)


def test_errors_name_the_packet_and_no_secret(keys: SRTPKeys) -> None:
    # A log would have the key, or not say which counter was tried.
    secrets = keys.to_dict().values()
    with pytest.raises(AuthenticationError) as caught:
        SRTPReceiver(keys, 3).unprotect(SRTPSender(keys, SSRC).protect(rtp(9)))
    error = caught.value
    assert str(error) == "SSRC 0x12345678, sequence number 9, roll-over counter 3: the tag does not fit"
    assert isinstance(error, SRTPError) and isinstance(error, callkey.AuthenticationError)
    assert (error.status, error.name) == (callkey.AuthenticationError.status, "CALLKEY_ERR_AUTHENTICATION")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.sequence, again.roc) == (AuthenticationError, str(error), 9, 3)
    with pytest.raises(AuthenticationError) as caught:
        SRTPReceiver(keys).unprotect_rtcp(SRTPSender(keys, SSRC).protect_rtcp(rtcp(1))[:-1] + b"?")
    assert str(caught.value) == "SSRC 0x12345678, SRTCP index 0: the tag does not fit"
    for told in (str(error), repr(error), str(caught.value)):
        assert not any(secret[:8] in told for secret in secrets)


def test_threads(keys: SRTPKeys) -> None:
    # Two threads would send two packets with one index, or a packet would be taken twice.
    sender, receiver = SRTPSender(keys, SSRC), SRTPReceiver(keys)
    sent: list[bytes] = []
    taken: list[bytes] = []
    reports: list[bytes] = []

    def send(first: int) -> None:
        for number in range(first, 100, 4):
            sent.append(sender.protect(rtp(number)))
            reports.append(sender.protect_rtcp(rtcp(number)))

    def take() -> None:
        for packet in sent:
            with suppress(ReplayError):
                taken.append(receiver.unprotect(packet))

    for threads in (
        [threading.Thread(target=send, args=(first,)) for first in range(4)],
        [threading.Thread(target=take) for _ in range(4)],
    ):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(taken) == sorted(rtp(number) for number in range(100))
    assert {report[-14:-10] for report in reports} == {(1 << 31 | n).to_bytes(4, "big") for n in range(100)}


def test_without_cryptography(tmp_path: Path) -> None:
    # Who has the package alone would see a traceback from inside it, and callkey itself must not need it.
    program = (
        "import sys\n"
        "sys.modules['cryptography'] = None\n"
        "import callkey\n"
        "try:\n"
        "    import callkey.srtp\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (done.stdout, done.stderr) == ("callkey.srtp needs cryptography: pip install 'callkey[srtp]'\n", "")
    assert done.returncode == 0


def test_padding_stays(keys: SRTPKeys) -> None:
    # The padding's last byte says its length: without it the decoder would take it for audio.
    packet = header(1, first=0xA0) + PLAIN + b"\0\0\0\x04"
    assert SRTPReceiver(keys).unprotect(SRTPSender(keys, SSRC).protect(packet)) == packet
