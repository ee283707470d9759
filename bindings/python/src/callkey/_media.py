"""The secrets that protect media."""

from __future__ import annotations

import ctypes
from ctypes import c_uint8, c_uint64
from dataclasses import dataclass

from ._call import Buffer, Packet, attempt, call, length, octets, pointer, sized_bytes, unsigned
from ._declarations import WARP_TAG_BYTES
from ._memory import Use
from ._secret import Secret, given, sized_secret

_MOST_64 = 0xFFFFFFFFFFFFFFFF


_PARTS = {
    "libsrtp_key": (0, 30),
    "master_key": (0, 16),
    "master_salt": (16, 30),
    "srtp_cipher_key": (30, 46),
    "srtp_auth_key": (46, 66),
    "srtp_salt": (66, 80),
    "srtcp_cipher_key": (80, 96),
    "srtcp_auth_key": (96, 116),
    "srtcp_salt": (116, 130),
}


class SRTPKeys(Secret):
    """The media keys of the streams that one participant sends: 130 secret bytes (RFC 3711 §4.3, rate 0).

    RTP is AES_CM_128_HMAC_SHA1_32 and RTCP is AES_CM_128_HMAC_SHA1_80. A library that derives
    the session keys itself, like libsrtp, takes ``libsrtp_key``.

    The members are read-only views of the one buffer: no copies, and zero after
    wipe(). ``hmac.digest``, cryptography's ``algorithms.AES`` and ``numpy.frombuffer`` take them so.
    ``hmac.new`` and pylibsrtp insist on bytes: ``bytes(keys.libsrtp_key)`` makes a copy that Python
    can't wipe.
    """

    __slots__ = ()
    _what = "set of SRTP keys"
    _made_by = "CallKey.e2e_keys(…), Epoch.e2e_keys(…) or hbh_keys(…)"

    @property
    def libsrtp_key(self) -> memoryview:
        """30 bytes: master key ‖ master salt."""
        return self._view(*_PARTS["libsrtp_key"])

    @property
    def master_key(self) -> memoryview:
        """16 bytes."""
        return self._view(*_PARTS["master_key"])

    @property
    def master_salt(self) -> memoryview:
        """14 bytes."""
        return self._view(*_PARTS["master_salt"])

    @property
    def srtp_cipher_key(self) -> memoryview:
        """16 bytes, label 0."""
        return self._view(*_PARTS["srtp_cipher_key"])

    @property
    def srtp_auth_key(self) -> memoryview:
        """20 bytes, label 1."""
        return self._view(*_PARTS["srtp_auth_key"])

    @property
    def srtp_salt(self) -> memoryview:
        """14 bytes, label 2."""
        return self._view(*_PARTS["srtp_salt"])

    @property
    def srtcp_cipher_key(self) -> memoryview:
        """16 bytes, label 3."""
        return self._view(*_PARTS["srtcp_cipher_key"])

    @property
    def srtcp_auth_key(self) -> memoryview:
        """20 bytes, label 4."""
        return self._view(*_PARTS["srtcp_auth_key"])

    @property
    def srtcp_salt(self) -> memoryview:
        """14 bytes, label 5."""
        return self._view(*_PARTS["srtcp_salt"])

    def to_dict(self) -> dict[str, str]:
        """THE KEYS THEMSELVES, in hex by the names of the members, ready for JSON: never for a log."""
        with Use(self) as held:
            return {name: held[start:end].hex() for name, (start, end) in _PARTS.items()}


class SFrameKey(Secret):
    """32 secret bytes for SFrame; the first 16 are the AES-128-GCM key."""

    __slots__ = ()
    _what = "SFrame key"
    _made_by = "CallKey.sframe_key(…), Epoch.sframe_key(…) or SFrameKey.from_bytes(…)"

    @classmethod
    def from_bytes(cls, data: Buffer) -> SFrameKey:
        """A key derived elsewhere. Sealing and opening raise KeyLengthError unless it is 32 bytes."""
        return cls._copied(data)

    @property
    def aes_key(self) -> memoryview:
        """16 bytes, a read-only view."""
        return self._view(0, 16)

    def seal(self, payload: Buffer, *, counter: int, key_id: int = 0) -> bytes:
        """The frame of a payload: ciphertext ‖ tag ‖ counter ‖ key id ‖ their length.

        Nothing is kept between frames, so keep the counter yourself: two frames with one
        counter under one key give their contents away. Both numbers have 64 bits. Raises
        InvalidKeyError for a key of zeros.
        """
        data = pointer(payload)
        numbers = unsigned(counter, "counter", _MOST_64), unsigned(key_id, "key_id", _MOST_64)
        return sized_bytes(
            lambda out, n: attempt("callkey_sframe_seal", out, n, self, len(self), data, length(payload), *numbers)
        )

    def open(self, frame: Buffer) -> SFrame:
        """The payload of a frame that was sealed with this key.

        Raises AuthenticationError for any other, and MalformedError for bytes that are not a
        frame; never play a frame that was not opened. A replayed frame opens again: detect it
        by its counter, which is authentic. The key id is not.
        """
        data = pointer(frame)
        counter, key_id = c_uint64(0), c_uint64(0)
        with sized_secret(
            Secret,
            lambda out, n: attempt(
                "callkey_sframe_open",
                out,
                n,
                ctypes.byref(counter),
                ctypes.byref(key_id),
                self,
                len(self),
                data,
                length(frame),
            ),
        ) as opened:
            return SFrame(opened.reveal(), counter.value, key_id.value)


@dataclass(frozen=True)
class SFrame:
    """An opened frame."""

    payload: bytes
    counter: int
    key_id: int

    def __repr__(self) -> str:
        return f"<SFrame {self.counter}: {len(self.payload)} bytes>"


def warp_tag(auth_key: Buffer | WARPAuthKey, packet: Packet, *, roc: int = 0) -> bytes:
    """The 4-byte tag of a packet: the start of HMAC-SHA1 over the packet and its roll-over counter.

    auth_key: SRTPKeys.srtp_auth_key of the sender, as on media packets, or the call's
        WARPAuthKey. Raises KeyLengthError unless 20 or 32 bytes.
    packet: the whole packet up to the tag, in any contiguous buffer.
    """
    out = (c_uint8 * WARP_TAG_BYTES)()
    key = given(auth_key), length(auth_key)
    whole = octets(packet)
    call("callkey_warp_tag", out, *key, pointer(whole), len(whole), unsigned(roc, "roc"))
    return bytes(out)


class WARPAuthKey(Secret):
    """32 secret bytes; the same for all participants of a call."""

    __slots__ = ()
    _what = "WARP auth key"
    _made_by = "CallKey.warp_auth_key()"
