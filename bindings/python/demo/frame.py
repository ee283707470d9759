"""JSON messages with their length in front: 4 bytes, big endian."""

from __future__ import annotations

import json
import struct
from typing import Any, Protocol, cast

Message = dict[str, Any]

MOST = 1 << 20
"""The limit of a message in bytes: a peer must not make us wait for more."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


class Stream(Readable, Writable, Protocol):
    """Both ways, like a socket's file."""


def write(stream: Writable, message: Message) -> None:
    body = json.dumps(message, separators=(",", ":")).encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def read(stream: Readable) -> Message | None:
    """The next message, or None at the end of the stream."""
    head = stream.read(4)
    if not head:
        return None
    if len(head) < 4:
        raise EOFError("the stream ended inside a length")
    (size,) = struct.unpack(">I", head)
    if size > MOST:
        raise ValueError(f"a message of {size} bytes is too long")
    body = stream.read(size)
    if len(body) < size:
        raise EOFError("the stream ended inside a message")
    return cast(Message, json.loads(body))
