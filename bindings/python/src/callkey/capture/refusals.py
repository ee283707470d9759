"""The packets that were refused, in groups."""

from __future__ import annotations

from dataclasses import dataclass, field

from .marks import Marks
from .result import Reason, Refused

_MOST_GROUPS = 1000


@dataclass
class _Group:
    told: str
    first: float
    last: float
    packets: int = 0
    marks: Marks = field(default_factory=Marks)


class Refusals:
    """Groups by reason, SSRC and what fits. Beyond 1,000 groups the SSRC is left out."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Reason, int | None, bool, str, str], _Group] = {}

    def add(
        self, reason: Reason, time: float, told: str, *, ssrc: int | None = None, rtcp: bool = False, fits: str = ""
    ) -> None:
        key = (reason, ssrc, rtcp, fits, told if ssrc is None else "")
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= _MOST_GROUPS:
                key = (reason, None, rtcp, "", "")
                told = f"{reason.value}: the packets of further SSRCs"
            group = self._groups.setdefault(key, _Group(told, time, time))
        group.packets += 1
        group.first, group.last = min(group.first, time), max(group.last, time)
        group.marks.add(time, time)

    def told(self) -> tuple[Refused, ...]:
        return tuple(
            Refused(reason, ssrc, rtcp, group.packets, group.first, group.last, fits, group.told, group.marks.told())
            for (reason, ssrc, rtcp, fits, _), group in self._groups.items()
        )
