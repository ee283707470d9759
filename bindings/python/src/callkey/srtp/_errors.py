"""What is wrong with a packet."""

from __future__ import annotations

from .. import errors


class SRTPError(errors.CallKeyError, ValueError):
    """The base of the errors of packets; itself raised when the keys have protected as many packets as they may.

    ``ssrc`` is None if the packet is too short to have one. ``sequence`` and ``roc`` are the RTP packet's sequence
    number and the roll-over counter that was tried; ``index`` is the SRTCP packet's. They are None elsewhere.
    """

    ssrc: int | None = None
    sequence: int | None = None
    roc: int | None = None
    index: int | None = None


class AuthenticationError(SRTPError, errors.AuthenticationError):
    """The tag does not fit: other keys, another roll-over counter, another length of tags, or a changed packet."""

    status = errors.AuthenticationError.status


class ReplayError(SRTPError, errors.DuplicateError):
    """The packet was received, or sent, before; or it is older than the replay window, so nobody knows."""

    status = errors.DuplicateError.status


class MalformedPacketError(SRTPError, errors.MalformedError):
    """The bytes are not a packet: too short for its header, or another version."""

    status = errors.MalformedError.status
