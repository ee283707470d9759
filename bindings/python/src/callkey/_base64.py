"""Base64 of a secret, decoded by hand: the result of binascii can't be wiped."""

from __future__ import annotations

import string

_VALUES = {
    sign: value for value, sign in enumerate(string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/")
}
_VALUES.update({"-": 62, "_": 63})


def decoded(text: str) -> bytearray | None:
    """The bytes, from either alphabet, with or without padding; None for any other text. Wipe them."""
    count = len(text)
    while count and text[count - 1] == "=":
        count -= 1
    if len(text) - count not in (0, -count % 4) or count % 4 == 1:
        return None
    out = bytearray(count * 3 // 4)
    held = bits = size = 0
    for place in range(count):
        value = _VALUES.get(text[place])
        if value is None:
            break
        held, bits = (held << 6 | value) & 0xFFF, bits + 6
        if bits >= 8:
            bits -= 8
            out[size] = held >> bits & 0xFF
            size += 1
    else:
        if held & ((1 << bits) - 1) == 0:
            return out
    out[:] = bytes(len(out))
    return None
