"""The findings of inspect: fields in the order of the bytes, and faults."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wrong:
    """One fault, and the library's status for it; "" if only others would reject it."""

    text: str
    status: str = ""


@dataclass
class Row:
    """One field. ``offset`` and ``size`` are in bytes; ``depth`` is the number of enclosing messages."""

    offset: int
    size: int
    name: str
    value: str
    wrong: Wrong | None = None
    depth: int = 0


@dataclass
class View:
    """One message or plaintext. ``wrong`` has the faults that belong to no field, e.g. a missing one."""

    title: str
    rows: list[Row] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def faults(self) -> list[Wrong]:
        return [row.wrong for row in self.rows if row.wrong] + self.wrong


MALFORMED = "CALLKEY_ERR_MALFORMED"
UNSUPPORTED = "CALLKEY_ERR_UNSUPPORTED"
INVALID_KEY = "CALLKEY_ERR_INVALID_KEY"
KEY_LENGTH = "CALLKEY_ERR_KEY_LENGTH"
