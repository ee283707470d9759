"""numpy's arrays over keys, and as packets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import DESKTOP, PHONE, collect
from rtp import SSRC, needed, rtcp, rtp

import callkey
from callkey import ArgumentError, CallKey, SRTPKeys
from callkey._memory import owner
from callkey.srtp import SRTPReceiver, SRTPSender, check

numpy = needed("numpy")

VIEWS = [name for name in vars(SRTPKeys) if isinstance(vars(SRTPKeys)[name], property)]


@pytest.fixture
def keys(key: CallKey) -> Iterator[SRTPKeys]:
    with key.e2e_keys(PHONE) as made:
        yield made


def test_numpy(key: CallKey) -> None:
    # An array would be a copy that nobody wipes, or show freed memory.
    with key.e2e_keys(PHONE) as keys:
        right = {view: bytes(getattr(keys, view)) for view in VIEWS}
    arrays = {view: numpy.frombuffer(getattr(key.e2e_keys(PHONE), view), dtype=numpy.uint8) for view in VIEWS}
    collect()
    for view, shown in arrays.items():
        assert shown.tobytes() == right[view] and any(right[view])
        assert not shown.flags.owndata and not shown.flags.writeable
        held = owner(memoryview(shown))
        assert isinstance(held, SRTPKeys)
        held.wipe()
        assert not shown.any()


ARRAYS: dict[str, Callable[[bytes], Any]] = {
    "bytes": lambda packet: numpy.frombuffer(packet, dtype=numpy.uint8),
    "words": lambda packet: numpy.frombuffer(packet, dtype=numpy.uint16),
    "rows": lambda packet: numpy.frombuffer(packet, dtype=numpy.uint8).reshape(2, -1),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_packets(key: CallKey, keys: SRTPKeys, kind: str) -> None:
    # A script would copy each packet to bytes first, or a packet in words would be read as half of it.
    made = ARRAYS[kind]
    sender, receiver, plain = SRTPSender(keys, SSRC), SRTPReceiver(keys), SRTPSender(keys, SSRC)
    protected, report = sender.protect(made(rtp(1))), sender.protect_rtcp(made(rtcp(1)))
    assert (protected, report) == (plain.protect(rtp(1)), plain.protect_rtcp(rtcp(1)))
    assert check(keys, made(protected), 0)
    assert receiver.unprotect(made(protected)) == rtp(1)
    assert receiver.unprotect_rtcp(made(report)) == rtcp(1)
    assert callkey.warp_tag(keys.srtp_auth_key, made(protected[:-4])) == protected[-4:]
    assert callkey.select_participant(key, [DESKTOP, PHONE], made(protected)) == 1


def test_not_contiguous(key: CallKey, keys: SRTPKeys) -> None:
    # Other bytes than the packet's would be read from between them.
    sparse = numpy.frombuffer(rtp(1), dtype=numpy.uint8).repeat(2)[::2]
    for packet in (sparse, memoryview(rtp(1))[::-1]):
        for use in (SRTPSender(keys, SSRC).protect, SRTPReceiver(keys).unprotect, SRTPReceiver(keys).unprotect_rtcp):
            with pytest.raises(ArgumentError, match="packet: the buffer is not contiguous"):
                use(packet)
        with pytest.raises(ArgumentError, match="packet: the buffer is not contiguous"):
            callkey.warp_tag(keys.srtp_auth_key, packet)
        with pytest.raises(ArgumentError, match="packet: the buffer is not contiguous"):
            callkey.select_participant(key, [PHONE], packet)
