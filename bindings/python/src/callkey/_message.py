"""What a Signal message says before it is opened."""

from __future__ import annotations

from ctypes import byref
from dataclasses import dataclass

from ._call import Buffer, call, length, pointer
from ._declarations import MessageInfoStruct
from ._offer import EncType, enc_type_number


@dataclass(frozen=True)
class MessageInfo:
    """What a pkmsg says of the session that it begins. Nothing of it is authenticated.

    prekey_id, signed_prekey_id: the prekeys of ours that it was sealed for; prekey_id 0 is none.
    registration_id, identity_key: the sender's; the key has 32 bytes.
    base_key: of the session, 32 bytes. Without a one-time prekey the message could begin a session twice:
        remember (signed_prekey_id, base_key) in the commit that stores its record, until the signed prekey
        is deleted. For a remembered pair pass no signed prekey to Record.open: then the message opens in the
        session that it began, and begins no other.
    """

    prekey_id: int
    signed_prekey_id: int
    registration_id: int
    identity_key: bytes
    base_key: bytes


def message_parse(enc_type: EncType | str, ciphertext: Buffer) -> MessageInfo | None:
    """What a pkmsg says before it is opened: which private keys to fetch for it. None for a msg, which needs none.

    Raises MalformedError, also for a ciphertext of the other type, and UnsupportedError.
    """
    out = MessageInfoStruct()
    number = enc_type_number(enc_type)
    call(
        "callkey_message_parse",
        byref(out),
        number,
        pointer(ciphertext),
        length(ciphertext),
    )
    if number != EncType.PKMSG:
        return None
    return MessageInfo(
        prekey_id=out.prekey_id,
        signed_prekey_id=out.signed_prekey_id,
        registration_id=out.registration_id,
        identity_key=bytes(out.identity_key),
        base_key=bytes(out.base_key),
    )
