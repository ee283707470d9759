"""A solved capture on a page."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from .page import Page, printable

if TYPE_CHECKING:
    from ..capture.result import Refused, Result, Stream

_MOST_ROWS = 40
"""Refused groups on the page; the JSON has all."""


class CapturePage:
    """The result for people."""

    def __init__(self, page: Page, result: Result) -> None:
        self._page = page
        self._result = result

    def show(self) -> None:
        self._head()
        self._secrets()
        self._stanzas()
        self._streams()
        self._refused()
        if self._result.missing:
            self._page.line()
            for sentence in self._result.missing:
                self._page.finding(False, printable(sentence))

    def _head(self) -> None:
        result, page = self._result, self._page
        file, call = result.file, result.call
        links = ", ".join(file.link_types)
        page.columns(
            [
                (page.style("capture", "dim"), 9),
                (f"{printable(file.path)}: {file.records} packets, {file.form}, {links or 'empty'}", 0),
            ]
        )
        kinds = [name for name, is_so in (("group", call.group), ("video", call.video)) if is_so]
        about = f" ({', '.join(kinds)})" if kinds else ""
        page.columns([(page.style("call", "dim"), 9), ((printable(call.call_id) or "id unknown") + about, 0)])
        if call.begun is not None and call.ended is not None:
            span = f"{_clock(call.begun)}, {call.ended - call.begun:.1f} s"
            page.columns([(page.style("time", "dim"), 9), (span, 0)])

    def _secrets(self) -> None:
        page = self._page
        if not self._result.secrets:
            return
        page.line()
        page.line(page.style("secrets", "bold"))
        width = max(len(secret.name) for secret in self._result.secrets)
        for secret in self._result.secrets:
            fingerprint = page.style(secret.fingerprint, "cyan")
            about = f"from {secret.source}" + ("" if secret.used else ", not used")
            page.columns([(printable(secret.name), width), (fingerprint, 16), (printable(about), 0)], indent=2)

    def _stanzas(self) -> None:
        page = self._page
        if not self._result.stanzas:
            return
        page.line()
        page.line(page.style("stanzas", "bold"))
        for stanza in self._result.stanzas:
            kind = stanza.kind or "?"
            page.finding(stanza.good, f"{stanza.number} {kind}: {printable(stanza.done)}", indent=2)

    def _streams(self) -> None:
        page = self._page
        page.line()
        page.line(page.style(f"{len(self._result.streams)} streams, every tag checked", "bold"))
        for stream in self._result.streams:
            self._stream(stream)

    def _stream(self, stream: Stream) -> None:
        page = self._page
        what = f"{stream.kind.value} RTCP" if stream.rtcp else stream.kind.value
        name = page.style(f"{stream.ssrc:#010x}", "bold")
        page.columns([(page.mark(True), 1), (name, 10), (f"{what} of {printable(stream.sender)}", 0)], indent=2)
        counts = [f"{stream.packets} packets"]
        for number, noun in (
            (stream.lost, "lost"),
            (stream.duplicates, "twice"),
            (stream.reordered, "late"),
            (stream.refused, "refused"),
        ):
            if number:
                counts.append(f"{number} {noun}")
        counter = "" if stream.rtcp else f", roll-over counter {_span(stream.roc_first, stream.roc_last)}"
        page.line(f"      {', '.join(counts)}{counter}; {stream.last - stream.first:.1f} s")
        secrets = ", then ".join(use.secret for use in stream.secrets)
        page.line(page.style(f"      {printable(secrets)}; {stream.source} to {stream.destination}", "dim"))
        if not stream.named:
            page.finding(False, "the log does not name this device: found by its tag", indent=6)
        if stream.ssrc_of and stream.ssrc_of != stream.sender:
            page.finding(False, f"but its SSRC is derived for {printable(stream.ssrc_of)}: a wrong device", indent=6)

    def _refused(self) -> None:
        page = self._page
        if not self._result.refused:
            return
        page.line()
        page.line(page.style("refused", "bold"))
        groups = sorted(self._result.refused, key=lambda group: -group.packets)
        for group in groups[:_MOST_ROWS]:
            page.paragraph(_refusal(group), indent=2, hang=4)
        if len(groups) > _MOST_ROWS:
            page.line(f"  and {len(groups) - _MOST_ROWS} more groups; --json has them")


def _refusal(group: Refused) -> str:
    where = "" if group.ssrc is None else f", SSRC {group.ssrc:#010x}{' RTCP' if group.rtcp else ''}"
    fits = f"; fits {group.fits}" if group.fits else ""
    return printable(f"{group.packets} {group.reason.value}{where}: {group.told}{fits}")


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
