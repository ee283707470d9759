"""What inspect found: fields in the order of the bytes, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, and the status that the library gives for it; "" where only others would refuse."""

    text: str
    status: str = ""


@dataclass
class Row:
    """One field. ``offset`` and ``size`` are in bytes; ``depth`` says how many messages it is inside of."""

    offset: int
    size: int
    name: str
    value: str
    wrong: Wrong | None = None
    depth: int = 0


@dataclass
class View:
    """One message or plaintext. ``wrong`` holds what belongs to no field, as a missing one."""

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
