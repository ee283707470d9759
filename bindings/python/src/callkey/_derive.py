"""Derivations that start from something other than the call key."""

from __future__ import annotations

import enum
from ctypes import c_uint32
from typing import NamedTuple

from ._call import Buffer, attempt, call, length, pointer, sized_text, text, unsigned
from ._declarations import (
    HBH_DOWNLINK,
    HBH_KEY_BYTES,
    HBH_SRTCP,
    HBH_SRTP,
    HBH_UPLINK,
    SRTP_KEYS_BYTES,
    SSRC_COUNT,
)
from ._media import SRTPKeys
from ._secret import Secret, secret_bytes, sized_secret


class HBH(enum.IntEnum):
    """The kind of hop-by-hop key, which protects the hop between a client and the relay."""

    UPLINK = HBH_UPLINK
    DOWNLINK = HBH_DOWNLINK
    SRTP = HBH_SRTP
    SRTCP = HBH_SRTCP


class RawE2E(Secret):
    """A decoded raw_e2e secret, at least 32 bytes, of which the first 32 are used.

    It replaces the call key for SRTP and SRTCP only; SFrame and WARP keys still come from the
    call key (wacrg:CRY-01).
    """

    __slots__ = ()
    _what = "raw_e2e secret"
    _made_by = "raw_e2e_decode(…) or RawE2E.from_bytes(…)"

    @classmethod
    def from_bytes(cls, data: Buffer) -> RawE2E:
        """A decoded secret; see raw_e2e_decode for a node's content."""
        return cls._copied(data)

    def e2e_keys(self, participant: str) -> SRTPKeys:
        """Like CallKey.e2e_keys, from this secret. Raises KeyLengthError if it is shorter than 32 bytes."""
        keys = SRTPKeys._zeros(SRTP_KEYS_BYTES)
        call("callkey_derive_e2e_keys_raw", keys, self, len(self), text(participant, "participant"))
        return keys


def raw_e2e_decode(content: Buffer) -> RawE2E:
    """The secret in the content of a raw_e2e node: base64, or the bytes themselves.

    Raises KeyLengthError for fewer than 32 bytes, read either way.
    """
    data = pointer(content)
    return sized_secret(RawE2E, lambda out, n: attempt("callkey_raw_e2e_decode", out, n, data, length(content)))


def participant_id(jid: str) -> str:
    """The form of a JID that the derivations use: ``user@lid`` becomes ``user:0@lid``.

    The derivations do this themselves. A bare phone-number JID stays bare. Raises
    ParticipantError if nothing is left.
    """
    encoded = text(jid, "jid")
    return sized_text(lambda out, n: attempt("callkey_participant_id", out, n, encoded))


class SSRCs(NamedTuple):
    """The SSRCs of one participant's streams. HBH-FEC goes hop by hop, to and from the relay."""

    audio: int
    audio_fec: int
    audio_nack: int
    video: int
    video_fec: int
    video_nack: int
    hbh_fec_1: int
    hbh_fec_2: int
    app_data: int


def ssrcs(call_id: str, participant: str) -> SSRCs:
    """The nine SSRCs of a participant's streams. The call id is used unchanged, including its case."""
    out = (c_uint32 * SSRC_COUNT)()
    call("callkey_derive_ssrcs", out, text(call_id, "call_id"), text(participant, "participant"))
    return SSRCs(*out)


def hbh_keys(hbh_key: Buffer, which: HBH) -> SRTPKeys:
    """The keys of the hop to the relay, from the 30-byte hop-by-hop key that the relay sent."""
    keys = SRTPKeys._zeros(SRTP_KEYS_BYTES)
    key = secret_bytes(hbh_key, HBH_KEY_BYTES, "hbh_key")
    call("callkey_derive_hbh_keys", keys, key, unsigned(which, "which"))
    return keys
