"""A decrypted plaintext field by field, without its secret: protobuf Message.call.callKey and padding."""

from __future__ import annotations

import callkey

from . import protobuf
from .protobuf import BYTES
from .view import INVALID_KEY, KEY_LENGTH, MALFORMED, Row, View, Wrong

_CALL, _CALL_KEY = 10, 1
_KEY_BYTES = 32
_MOST_PADDING = 16


def read(data: bytearray, version: int, show_key: bool) -> View:
    """The view of a plaintext of ``<enc v="version">``. It shows the call key only as its fingerprint, except on
    request."""
    view = View(f"plaintext of an enc v={version}, {len(data)} bytes")
    end = _padding(view, data) if version == 2 else len(data)
    keys: list[Row] = []
    try:
        for field in protobuf.fields(data, 0, end):
            row = Row(field.start, field.size, f"{field.number} ?", protobuf.KINDS[field.kind])
            view.rows.append(row)
            if field.number == _CALL and field.kind == BYTES:
                row.name, row.value = f"{field.number} call", f"{field.end - field.inner} bytes:"
                keys += _call(view, data, field, show_key)
    except protobuf.Broken as problem:
        wrong = Wrong(f"not protobuf: {problem}", MALFORMED)
        view.rows.append(Row(problem.offset, end - problem.offset, "?", "", wrong))
    else:
        if not keys:
            view.wrong.append(Wrong("there is no call key (field 10.1)", MALFORMED))
        for row in keys[:-1]:  # the last value wins, whatever the others are
            row.value, row.wrong = row.value + ", replaced by the next", None
    if version == 2 and end < len(data):
        view.rows.append(Row(end, len(data) - end, "padding", f"{len(data) - end} bytes of {len(data) - end:02x}"))
    return view


def _padding(view: View, data: bytearray) -> int:
    """The start of the padding, if it is valid."""
    count = data[-1]
    if not 1 <= count <= _MOST_PADDING or count >= len(data) or data[-count:].count(count) != count:
        view.wrong.append(Wrong("the padding is not n bytes of value n, with n from 1 to 16", MALFORMED))
        return len(data)
    return len(data) - count


def _call(view: View, data: bytearray, call: protobuf.Field, show_key: bool) -> list[Row]:
    """The rows of the call keys in one Call."""
    keys: list[Row] = []
    for field in protobuf.fields(data, call.inner, call.end):
        row = Row(field.start, field.size, f"{field.number} ?", protobuf.KINDS[field.kind], depth=1)
        view.rows.append(row)
        if field.number != _CALL_KEY or field.kind != BYTES:
            continue
        keys.append(row)
        size = field.end - field.inner
        row.name, row.value = f"{field.number} call key", f"{size} bytes"
        if size != _KEY_BYTES:
            row.wrong = Wrong(f"a call key has {_KEY_BYTES} bytes, not {size} (CRY-01)", KEY_LENGTH)
            continue
        with memoryview(data) as whole, whole[field.inner : field.end] as part:
            with callkey.CallKey.from_bytes(part) as key:
                if not any(part):
                    row.wrong = Wrong("the call key is all zero: its sender had wiped it", INVALID_KEY)
                row.value = key.reveal().hex() if show_key else f"{size} bytes, fingerprint {key.fingerprint}"
    return keys
