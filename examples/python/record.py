"""A session record in Signal's storage protobuf, as a dict and back.

It is what Session.export returns and what Signal's own libraries keep. Keys are bytes, public ones with the type
byte 05. The dict has the secrets of the session.
"""

from __future__ import annotations

from typing import Any

# Field number → name and type: int, bytes, a message's shape, or [shape] for a repeated message.
Shape = dict[int, tuple[str, Any]]

CHAIN_KEY: Shape = {1: ("index", int), 2: ("key", bytes)}
MESSAGE_KEY: Shape = {
    1: ("index", int),
    2: ("cipher_key", bytes),
    3: ("mac_key", bytes),
    4: ("iv", bytes),
    5: ("seed", bytes),  # 32 bytes that the three are derived from, in place of them
}
CHAIN: Shape = {
    1: ("ratchet_key", bytes),
    2: ("ratchet_private", bytes),  # of the sending chain
    3: ("chain_key", CHAIN_KEY),
    4: ("message_keys", [MESSAGE_KEY]),  # of skipped messages
}
PENDING: Shape = {1: ("prekey_id", int), 2: ("base_key", bytes), 3: ("signed_prekey_id", int), 4: ("since", int)}
SESSION: Shape = {
    1: ("version", int),
    2: ("local_identity", bytes),
    3: ("remote_identity", bytes),
    4: ("root_key", bytes),
    5: ("previous_counter", int),
    6: ("sender", CHAIN),
    7: ("receivers", [CHAIN]),  # oldest first
    9: ("pending", PENDING),  # while the device has not answered
    10: ("remote_registration_id", int),
    11: ("local_registration_id", int),
    13: ("base_key", bytes),
}
RECORD: Shape = {1: ("current", SESSION), 2: ("previous", [SESSION])}


def encode(fields: dict[str, Any], shape: Shape) -> bytes:
    out = bytearray()
    for number, (name, kind) in shape.items():
        value = fields.get(name)
        for one in value or [] if isinstance(kind, list) else [] if value is None else [value]:
            if kind is int:
                out += _varint(number << 3) + _varint(one)
                continue
            data = one if kind is bytes else encode(one, kind[0] if isinstance(kind, list) else kind)
            out += _varint(number << 3 | 2) + _varint(len(data)) + data
    return bytes(out)


def decode(data: bytes, shape: Shape) -> dict[str, Any]:
    """A number that is not there is 0, and a repeated message is an empty list. Other fields than the shape's are left
    out. Raises ValueError."""
    fields: dict[str, Any] = {name: 0 for name, kind in shape.values() if kind is int}
    fields.update({name: [] for name, kind in shape.values() if isinstance(kind, list)})
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        wire, (name, kind) = tag & 7, shape.get(tag >> 3, ("", None))
        value: Any
        if wire == 0:
            value, at = _number(data, at)
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
            value, kind = b"", None
        elif wire == 2:
            size, at = _number(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise ValueError("not Signal's storage protobuf")
        if at > len(data) or (kind is not None and (kind is int) != (wire == 0)):
            raise ValueError("not Signal's storage protobuf")
        if isinstance(kind, list):
            fields[name].append(decode(value, kind[0]))
        elif kind is not None:
            fields[name] = decode(value, kind) if isinstance(kind, dict) else value
    return fields


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value, at, shift = value | (byte & 0x7F) << shift, at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("not Signal's storage protobuf")
