"""Keys in the hands of other libraries, and packets in theirs: what takes a view takes it without a copy."""

from __future__ import annotations

import array
import ctypes
import hashlib
import hmac
import mmap
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import CALLER, DESKTOP, PHONE
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from rtp import PLAIN, SSRC, rtcp, rtp

import callkey
from callkey import CallKey, SRTPKeys
from callkey._memory import PYPY
from callkey.srtp import ReplayError, SRTPReceiver, SRTPSender, check


@pytest.fixture
def keys(key: CallKey) -> Iterator[SRTPKeys]:
    with key.e2e_keys(PHONE) as made:
        yield made


def test_hmac(keys: SRTPKeys) -> None:
    # hmac.new insists on bytes; hmac.digest, and cryptography's HMAC, take the view.
    right = hmac.new(bytes(keys.srtp_auth_key), PLAIN, "sha1").digest()
    assert right == hmac.new(bytearray(keys.srtp_auth_key), PLAIN, hashlib.sha1).digest()
    with pytest.raises(TypeError):
        hmac.new(keys.srtp_auth_key, PLAIN, "sha1")  # type: ignore[call-overload]
    if not PYPY:
        assert hmac.digest(keys.srtp_auth_key, PLAIN, "sha1") == right
    other = HMAC(keys.srtp_auth_key, hashes.SHA1())
    other.update(PLAIN)
    assert other.finalize() == right


@pytest.mark.parametrize("view", ["srtp_cipher_key", "srtcp_cipher_key", "master_key"])
def test_cryptography(keys: SRTPKeys, view: str) -> None:
    # The same for AES: it keeps the view, and not a copy.
    shown = getattr(keys, view)
    aes = algorithms.AES(shown)
    assert aes.key is shown
    both = aes, algorithms.AES(bytes(shown))
    mine, right = (Cipher(one, modes.CTR(bytes(16))).encryptor().update(PLAIN) for one in both)
    assert mine == right


def mapped(packet: bytes) -> mmap.mmap:
    made = mmap.mmap(-1, len(packet))
    made[:] = packet
    return made


BUFFERS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "a part of a memoryview": lambda packet: memoryview(b"ab" + packet + b"cd")[2:-2],
    "array of bytes": lambda packet: array.array("B", packet),
    "array of words": lambda packet: array.array("H", packet),
    "ctypes array": lambda packet: (ctypes.c_uint8 * len(packet)).from_buffer_copy(packet),
    "mmap": mapped,
}


@pytest.mark.parametrize("kind", BUFFERS)
def test_packets(key: CallKey, keys: SRTPKeys, kind: str) -> None:
    # A script would copy each packet to bytes first, or a packet in words would be read as half of it.
    made = BUFFERS[kind]
    sender, receiver, plain = SRTPSender(keys, SSRC), SRTPReceiver(keys), SRTPSender(keys, SSRC)
    protected = sender.protect(made(rtp(1)))
    assert protected == plain.protect(rtp(1)) and type(protected) is bytes
    assert check(keys, made(protected), 0)
    assert receiver.unprotect(made(protected)) == rtp(1)
    report = sender.protect_rtcp(made(rtcp(1)))
    assert report == plain.protect_rtcp(rtcp(1))
    assert receiver.unprotect_rtcp(made(report)) == rtcp(1)
    tag = callkey.warp_tag(keys.srtp_auth_key, made(protected[:-4]))
    assert tag == protected[-4:]
    with callkey.Call(CALLER, key) as call:
        assert call.answered_from(made(protected), [DESKTOP, PHONE]) == PHONE
        assert callkey.select_participant(key, [DESKTOP, PHONE], made(protected)) == 1


def test_packet_is_free_again(keys: SRTPKeys) -> None:
    # A receive buffer could not be filled again, or would be changed.
    packet = bytearray(SRTPSender(keys, SSRC).protect(rtp(1)))
    before = bytes(packet)
    receiver = SRTPReceiver(keys)
    receiver.unprotect(packet)
    with pytest.raises(ReplayError) as caught:
        receiver.unprotect(packet)
    assert packet == before
    packet.extend(b"more")
    assert caught.value.sequence == 1
