"""The secrets that media is protected with."""

from __future__ import annotations

from ._secret import Secret


class SRTPKeys(Secret):
    """The media keys of the streams that one participant sends: 130 secret bytes (RFC 3711 §4.3, rate 0).

    RTP is AES_CM_128_HMAC_SHA1_32 and RTCP is AES_CM_128_HMAC_SHA1_80. A library
    that derives the session keys itself, as libsrtp does, takes ``libsrtp_key``.

    The members are read-only views of the one buffer: no copies, and zero after
    wipe(). ``bytes(keys.libsrtp_key)`` makes a copy that Python can't wipe.
    """

    __slots__ = ()
    _what = "set of SRTP keys"

    @property
    def libsrtp_key(self) -> memoryview:
        """30 bytes: master key ‖ master salt."""
        return self._view(0, 30)

    @property
    def master_key(self) -> memoryview:
        """16 bytes."""
        return self._view(0, 16)

    @property
    def master_salt(self) -> memoryview:
        """14 bytes."""
        return self._view(16, 30)

    @property
    def srtp_cipher_key(self) -> memoryview:
        """16 bytes, label 0."""
        return self._view(30, 46)

    @property
    def srtp_auth_key(self) -> memoryview:
        """20 bytes, label 1."""
        return self._view(46, 66)

    @property
    def srtp_salt(self) -> memoryview:
        """14 bytes, label 2."""
        return self._view(66, 80)

    @property
    def srtcp_cipher_key(self) -> memoryview:
        """16 bytes, label 3."""
        return self._view(80, 96)

    @property
    def srtcp_auth_key(self) -> memoryview:
        """20 bytes, label 4."""
        return self._view(96, 116)

    @property
    def srtcp_salt(self) -> memoryview:
        """14 bytes, label 5."""
        return self._view(116, 130)


class SFrameKey(Secret):
    """32 secret bytes for SFrame; AES-128-GCM takes the first 16."""

    __slots__ = ()
    _what = "SFrame key"

    @property
    def aes_key(self) -> memoryview:
        """16 bytes, a read-only view."""
        return self._view(0, 16)


class WARPAuthKey(Secret):
    """32 secret bytes; the same for all participants of a call."""

    __slots__ = ()
    _what = "WARP auth key"
