"""callkey.srtp against libsrtp, through pylibsrtp: what one protects, the other one must take, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from conftest import PHONE
from rtp import SSRC, TAGS, needed, rtcp, rtp, shapes

from callkey import CallKey, Epoch, SRTPKeys
from callkey.srtp import AuthenticationError, ReplayError, SRTPReceiver, SRTPSender, check

Error, Policy, Session = (getattr(needed("pylibsrtp"), name) for name in ("Error", "Policy", "Session"))

PROFILES = {4: Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 10: Policy.SRTP_PROFILE_AES128_CM_SHA1_80}


@pytest.fixture
def keys(key: CallKey) -> Iterator[SRTPKeys]:
    with key.e2e_keys(PHONE) as made:
        yield made


@pytest.fixture
def others() -> Iterator[SRTPKeys]:
    with Epoch.from_bytes(bytes(range(32, 64))) as epoch, epoch.e2e_keys(PHONE) as made:
        yield made


@pytest.fixture(params=TAGS)
def tag(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


class LibSRTP:
    """A session of libsrtp's, which takes the 30 bytes and makes its own session keys."""

    def __init__(self, keys: SRTPKeys, tag: int, *, inbound: bool) -> None:
        kind = Policy.SSRC_ANY_INBOUND if inbound else Policy.SSRC_ANY_OUTBOUND
        policy = Policy(key=bytes(keys.libsrtp_key), ssrc_type=kind, srtp_profile=PROFILES[tag])
        self.session = Session(policy=policy)

    def protect(self, packet: bytes) -> bytes:
        return bytes(self.session.protect(packet))

    def protect_rtcp(self, packet: bytes) -> bytes:
        return bytes(self.session.protect_rtcp(packet))

    def unprotect(self, packet: bytes) -> bytes:
        return bytes(self.session.unprotect(packet))

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        return bytes(self.session.unprotect_rtcp(packet))


def rolls(unprotect: Callable[[bytes], bytes], protect: Callable[[bytes], bytes], most: int) -> None:
    """Sends packets over as many roll-overs, in steps short enough for each to be noticed."""
    for number in range(0, most << 16, 20_000):
        packet = rtp(number & 0xFFFF, number.to_bytes(4, "big"))
        assert unprotect(protect(packet)) == packet


def test_same_packets(keys: SRTPKeys, tag: int) -> None:
    # An engine on libsrtp would play noise, or drop what a script sends.
    ours, theirs = SRTPSender(keys, SSRC, auth_tag=tag), LibSRTP(keys, tag, inbound=False)
    receiver, libsrtp = SRTPReceiver(keys, auth_tag=tag), LibSRTP(keys, tag, inbound=True)
    for packet in shapes(65533):
        protected = ours.protect(packet)
        assert protected == theirs.protect(packet)
        assert len(protected) == len(packet) + tag
        assert receiver.unprotect(protected) == libsrtp.unprotect(protected) == packet
    assert ours.roc == receiver.roc(SSRC) == 1


def test_rolls_over(keys: SRTPKeys, tag: int) -> None:
    # A call would be silent after 22 minutes.
    rolls(LibSRTP(keys, tag, inbound=True).unprotect, SRTPSender(keys, SSRC, auth_tag=tag).protect, 4)
    receiver = SRTPReceiver(keys, auth_tag=tag)
    rolls(receiver.unprotect, LibSRTP(keys, tag, inbound=False).protect, 4)
    assert receiver.roc(SSRC) == 3


def test_late_join(keys: SRTPKeys, tag: int) -> None:
    # A capture that begins in the middle of a call could not be read.
    libsrtp = LibSRTP(keys, tag, inbound=False)
    for number in (65535, 0, 1):
        protected = libsrtp.protect(rtp(number))
    assert [check(keys, protected, roc, tag) for roc in (0, 1, 2)] == [False, True, False]
    with pytest.raises(AuthenticationError) as caught:
        SRTPReceiver(keys, auth_tag=tag).unprotect(protected)
    assert (caught.value.ssrc, caught.value.sequence, caught.value.roc) == (SSRC, 1, 0)
    for roc in (1, {SSRC: 1}):
        assert SRTPReceiver(keys, roc, tag).unprotect(protected) == rtp(1)


def test_reordered(keys: SRTPKeys, tag: int) -> None:
    # Packets that overtake each other around a roll-over would be lost, or one too many would be played.
    order = [65533, 65535, 0, 65534, 2, 65532, 1, 65531]
    to_libsrtp, libsrtp = LibSRTP(keys, tag, inbound=True), LibSRTP(keys, tag, inbound=False)
    sender, receiver = SRTPSender(keys, SSRC, auth_tag=tag), SRTPReceiver(keys, auth_tag=tag)
    in_order = sorted(order, key=lambda number: number < 32768)
    ours = {number: sender.protect(rtp(number)) for number in in_order}
    theirs = {number: libsrtp.protect(rtp(number)) for number in in_order}
    assert ours == theirs
    for number in order:
        assert to_libsrtp.unprotect(ours[number]) == receiver.unprotect(theirs[number]) == rtp(number)
    for number in order:
        with pytest.raises(ReplayError):
            receiver.unprotect(theirs[number])
        with pytest.raises(Error):
            to_libsrtp.unprotect(ours[number])
    # The sender finds the counter of a packet that it sends late in the same way.
    late = SRTPSender(keys, SSRC, auth_tag=tag)
    assert {number: late.protect(rtp(number)) for number in order} == ours


def test_rekeyed(keys: SRTPKeys, others: SRTPKeys, tag: int) -> None:
    # After a change of the epoch in a long call all its audio would be noise.
    sender, receiver = SRTPSender(keys, SSRC, auth_tag=tag), SRTPReceiver(keys, auth_tag=tag)
    for number in (65535, 0):
        receiver.unprotect(sender.protect(rtp(number)))
    receiver.unprotect_rtcp(sender.protect_rtcp(rtcp(0)))
    old = sender.protect(rtp(1))
    sender.rekey(others)
    receiver.rekey(others)
    assert sender.roc == receiver.roc(SSRC) == 1
    # libsrtp reaches the counter in its own way: from the roll-over.
    judge, feeder = LibSRTP(others, tag, inbound=True), SRTPSender(others, SSRC, auth_tag=tag)
    for number in (65534, 65535):
        judge.unprotect(feeder.protect(rtp(number)))
    for number in (2, 3, 0):  # under the new keys an old number is another packet
        protected = sender.protect(rtp(number))
        assert receiver.unprotect(protected) == judge.unprotect(protected) == rtp(number)
    with pytest.raises(AuthenticationError):
        receiver.unprotect(old)
    protected = sender.protect_rtcp(rtcp(1))
    assert protected[-14:-10] == b"\x80\0\0\x01"
    assert receiver.unprotect_rtcp(protected) == judge.unprotect_rtcp(protected) == rtcp(1)


def test_rtcp(keys: SRTPKeys, tag: int) -> None:
    # Bandwidth and loss would not be known to the other side; tags of RTCP have 10 bytes whatever those of RTP have.
    ours, theirs = SRTPSender(keys, SSRC, auth_tag=tag, rtcp_index=1), LibSRTP(keys, tag, inbound=False)
    receiver, libsrtp = SRTPReceiver(keys, auth_tag=tag), LibSRTP(keys, tag, inbound=True)
    protected = [ours.protect_rtcp(rtcp(number)) for number in range(5)]  # libsrtp begins with index 1
    assert protected == [theirs.protect_rtcp(rtcp(number)) for number in range(5)]
    for number in (0, 2, 1, 4, 3):
        assert receiver.unprotect_rtcp(protected[number]) == libsrtp.unprotect_rtcp(protected[number]) == rtcp(number)
    with pytest.raises(ReplayError) as caught:
        receiver.unprotect_rtcp(protected[3])
    assert (caught.value.ssrc, caught.value.index, caught.value.sequence) == (SSRC, 4, None)
    first = SRTPSender(keys, SSRC, auth_tag=tag).protect_rtcp(rtcp(0))
    assert LibSRTP(keys, tag, inbound=True).unprotect_rtcp(first) == rtcp(0)  # index 0, as RFC 3711 has it


@pytest.mark.parametrize("kind, packet", [("", rtp(7)), ("_rtcp", rtcp(7))])
@pytest.mark.parametrize("at", [0, 1, 5, 11, 12, 20, -1, -4])
def test_changed_on_the_way(keys: SRTPKeys, tag: int, at: int, kind: str, packet: bytes) -> None:
    # Somebody on the way could change what is heard.
    protect = getattr(LibSRTP(keys, tag, inbound=False), f"protect{kind}")
    ours = getattr(SRTPReceiver(keys, auth_tag=tag), f"unprotect{kind}")
    theirs = getattr(LibSRTP(keys, tag, inbound=True), f"unprotect{kind}")
    right = protect(packet)
    changed = bytearray(right)
    changed[at] ^= 1
    with pytest.raises(AuthenticationError):
        ours(changed)
    with pytest.raises(Error):
        theirs(bytes(changed))
    assert ours(right) == theirs(right) == packet


def test_pylibsrtp(keys: SRTPKeys) -> None:
    # pylibsrtp insists on bytes: a script would have to guess how to make them.
    with pytest.raises(TypeError, match="bytes"):
        Policy(key=keys.libsrtp_key)
    policy = Policy(
        key=bytes(keys.libsrtp_key),
        ssrc_type=Policy.SSRC_ANY_INBOUND,
        srtp_profile=Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    )
    assert Session(policy=policy).unprotect(SRTPSender(keys, SSRC).protect(rtp(1))) == rtp(1)
