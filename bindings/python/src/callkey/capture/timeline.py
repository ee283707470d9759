"""A solved capture as an SVG: a line for each stream, in the colours of its secrets; light or dark like the viewer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from html import escape

from .result import Loss, Refused, Result, Stream

_WIDTH, _MARGIN, _LABELS = 1240, 32, 350
_LEFT, _RIGHT = _MARGIN + _LABELS, _WIDTH - _MARGIN
_ROW, _BAR = 44, 16
_HEAD, _KEY_LINE = 96, 22
_MOST_ROWS, _MOST_MARKS = 48, 256
_COLOURS = 8
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)
"""Seconds between the lines of the scale."""
_MOST_TICKS = 9
_NARROWEST = 2.0
"""Pixels of a bar or mark, so that one packet is seen."""

_STYLE = """
  svg { font-family: Inter, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
  .ground { fill: #ffffff; }
  .title { font-size: 22px; font-weight: 700; fill: #14181f; }
  .subtitle { font-size: 13px; fill: #5b6472; }
  .name { font-size: 14px; font-weight: 600; fill: #14181f; }
  .note, .scale, .legend { font-size: 12px; fill: #5b6472; }
  .print { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; }
  .grid { stroke: #e3e7ec; stroke-width: 1; }
  .change { stroke: #14181f; stroke-width: 1.2; stroke-dasharray: 3 3; }
  .stanza { fill: #5b6472; } .bad { fill: #c0392b; }
  .lost { fill: #c0392b; } .refused { fill: #8a5a00; }
  .s0 { fill: #2f6fc4; } .s1 { fill: #2e9e5e; } .s2 { fill: #d9892b; } .s3 { fill: #8b56c2; }
  .s4 { fill: #1796a8; } .s5 { fill: #b84a7d; } .s6 { fill: #7a8a2a; } .s7 { fill: #68727f; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12161c; }
    .title, .name { fill: #eef1f5; } .subtitle, .note, .scale, .legend { fill: #9aa5b4; }
    .grid { stroke: #262e39; } .change { stroke: #eef1f5; } .stanza { fill: #9aa5b4; }
    .lost, .bad { fill: #ff6b5e; } .refused { fill: #e3a83b; }
    .s0 { fill: #5c9bf0; } .s1 { fill: #4fc585; } .s2 { fill: #eda552; } .s3 { fill: #b184e6; }
    .s4 { fill: #46c0d1; } .s5 { fill: #e07aab; } .s6 { fill: #aebd55; } .s7 { fill: #97a2b0; }
  }
"""


def draw(result: Result) -> str:
    """The picture as text in UTF-8. It names JIDs, the call id and fingerprints, and has no secret."""
    return _Picture(result).draw()


class _Picture:
    def __init__(self, result: Result) -> None:
        self._result = result
        self._colour = {secret.name: number % _COLOURS for number, secret in enumerate(result.secrets)}
        times = [each for stream in result.streams for each in (stream.first, stream.last)]
        times += [each for group in result.refused for each in (group.first, group.last)]
        times += [stanza.time for stanza in result.stanzas if stanza.time is not None]
        self._begin = min(times, default=0.0)
        self._span = max(max(times, default=0.0) - self._begin, 0.001)
        key_lines = (len(result.secrets[:_MOST_ROWS]) + 2) // 3
        self._top = _HEAD + _KEY_LINE * key_lines + 40

    def draw(self) -> str:
        result = self._result
        streams = sorted(result.streams, key=lambda each: (each.sender, each.kind.value, each.ssrc, each.rtcp))
        shown, groups = streams[:_MOST_ROWS], result.refused[:_MOST_ROWS]
        left_out = len(streams) - len(shown) + len(result.refused) - len(groups)
        bottom = self._top + _ROW * (len(shown) + len(groups))
        height = bottom + (24 if left_out else 0) + 76
        title, subtitle = self._title()
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(printable(title), quote=False)}</title>',
            f'<desc id="description">{escape(printable(self._told()), quote=False)}</desc>',
            f"<style>{_STYLE}</style>",
            '<rect class="ground" width="100%" height="100%"/>',
            _text(_MARGIN, 46, "title", _short(title, 70)),
            _text(_MARGIN, 70, "subtitle", subtitle),
            *self._secrets(),
            *self._scale(bottom),
            *self._stanzas(),
        ]
        for number, stream in enumerate(shown):
            parts += self._stream(stream, self._top + _ROW * number)
        parts += self._changes(shown)
        for number, group in enumerate(groups, len(shown)):
            parts += self._refused(group, self._top + _ROW * number)
        if left_out:
            parts.append(_text(_MARGIN, bottom + 20, "note", f"and {left_out} more lines, which the JSON has"))
        parts += _legend(height - 26)
        return "\n".join([*parts, "</svg>", ""])

    def _title(self) -> tuple[str, str]:
        call = self._result.call
        begun = datetime.fromtimestamp(self._begin, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        authentic = sum(stream.packets for stream in self._result.streams)
        refused = sum(group.packets for group in self._result.refused)
        told = f"from {begun}, {self._span:.1f} s; {authentic} packets authentic, {refused} refused"
        return f"Call {call.call_id}" if call.call_id else "A call", told

    def _told(self) -> str:
        """The picture in words."""
        lines = [
            f"{_what(each)} of {each.sender}: {each.packets} packets, {each.lost} lost" for each in self._streams()
        ]
        return "; ".join(lines) or "no stream was solved"

    def _streams(self) -> Sequence[Stream]:
        return self._result.streams[:_MOST_ROWS]

    def _x(self, time: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * min(max((time - self._begin) / self._span, 0.0), 1.0)

    def _secrets(self) -> Iterator[str]:
        column = (_RIGHT - _MARGIN) / 3
        for number, secret in enumerate(self._result.secrets[:_MOST_ROWS]):
            x, y = _MARGIN + column * (number % 3), _HEAD + _KEY_LINE * (number // 3)
            yield f'<rect class="s{self._colour[secret.name]}" x="{x:.1f}" y="{y - 10}" width="14" height="12" rx="3"/>'
            name = _short(secret.name, 22) + ("" if secret.used else ", not used")
            yield (
                f'<text class="legend" x="{x + 21:.1f}" y="{y}">{escape(printable(name), quote=False)} '
                f'<tspan class="print">{escape(secret.fingerprint)}</tspan></text>'
            )

    def _scale(self, bottom: float) -> Iterator[str]:
        step = next((each for each in _TICKS if self._span / each <= _MOST_TICKS), _TICKS[-1])
        for number in range(int(min(self._span / step, 1000)) + 1):
            x = self._x(self._begin + number * step)
            yield f'<line class="grid" x1="{x:.1f}" y1="{self._top - 16}" x2="{x:.1f}" y2="{bottom}"/>'
            yield _text(x, bottom + 16, "scale", _clock(number * step), ' text-anchor="middle"')

    def _stanzas(self) -> Iterator[str]:
        timed = [stanza for stanza in self._result.stanzas if stanza.time is not None]
        if not timed:
            return
        y = self._top - 22
        yield _text(_MARGIN, y + 4, "note", f"stanzas: {len(timed)}")
        for stanza in timed[:_MOST_MARKS]:
            x = self._x(stanza.time or 0.0)
            kind = "stanza" if stanza.good else "bad"
            tip = f"{stanza.number} {stanza.kind or '?'}: {stanza.done}"
            yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y}" r="4">{_tip(tip)}</circle>'

    def _stream(self, stream: Stream, y: float) -> Iterator[str]:
        yield _text(_MARGIN, y + 14, "name", _short(f"{_what(stream)} of {stream.sender}", 36))
        counter = "" if stream.rtcp else f", ROC {_range(stream.roc_first, stream.roc_last)}"
        yield _text(_MARGIN, y + 30, "note", f"{stream.ssrc:#010x}, {_count(stream.packets)}{counter}")
        for use in stream.secrets:
            tip = f"{use.secret}: {_count(use.packets)}"
            colour = self._colour.get(use.secret, _COLOURS - 1)
            yield self._bar(f"s{colour}", use.since, use.until, y + 4, _BAR, tip)
        yield from self._marks("lost", stream.losses, y + 4 + _BAR + 3, "lost")

    def _refused(self, group: Refused, y: float) -> Iterator[str]:
        what = "other traffic" if group.ssrc is None else f"{group.ssrc:#010x}{' RTCP' if group.rtcp else ''}"
        yield _text(_MARGIN, y + 14, "name", f"refused: {group.reason.value}")
        yield _text(_MARGIN, y + 30, "note", _short(f"{what}, {_count(group.packets)}", 44))
        marks = group.marks or (Loss(group.first, group.last, group.packets),)
        yield from self._marks("refused", marks, y + 8, f"refused: {group.told}")

    def _marks(self, kind: str, marks: Sequence[Loss], y: float, told: str) -> Iterator[str]:
        for mark in marks[:_MOST_MARKS]:
            yield self._bar(kind, mark.since, mark.until, y, 7, f"{mark.packets} {told}")

    def _bar(self, kind: str, since: float, until: float, y: float, height: float, tip: str) -> str:
        x = min(self._x(since), _RIGHT - _NARROWEST)
        width = max(self._x(until) - x, _NARROWEST)
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}"'
        return f'<rect class="{kind}" {place} rx="1.5">{_tip(tip)}</rect>'

    def _changes(self, shown: Sequence[Stream]) -> Iterator[str]:
        rows = {(stream.ssrc, stream.rtcp): number for number, stream in enumerate(shown)}
        for change in self._result.changes[:_MOST_MARKS]:
            row = rows.get((change.ssrc, change.rtcp))
            if row is None:
                continue
            x, y = self._x(change.time), self._top + _ROW * row
            kept = "the roll-over counter goes on" if change.roc_kept else "the roll-over counter begins anew"
            tip = f"{change.before} to {change.after}, {kept}"
            yield f'<line class="change" x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + _BAR + 8}">{_tip(tip)}</line>'


def _legend(y: float) -> Iterator[str]:
    x = float(_MARGIN)
    for kind, label in (
        ("lost", "packets lost"),
        ("refused", "packets refused"),
        ("stanza", "stanza"),
        ("bad", "stanza that brought nothing"),
    ):
        if kind in ("stanza", "bad"):
            yield f'<circle class="{kind}" cx="{x + 6:.1f}" cy="{y - 4}" r="4"/>'
        else:
            yield f'<rect class="{kind}" x="{x:.1f}" y="{y - 8}" width="14" height="7" rx="1.5"/>'
        yield _text(x + 20, y, "legend", label)
        x += 44 + 6.6 * len(label)
    yield f'<line class="change" x1="{x + 6:.1f}" y1="{y - 12}" x2="{x + 6:.1f}" y2="{y + 3}"/>'
    yield _text(x + 16, y, "legend", "other keys")


def _count(packets: int) -> str:
    return "1 packet" if packets == 1 else f"{packets} packets"


def _what(stream: Stream) -> str:
    return f"{stream.kind.value} RTCP" if stream.rtcp else stream.kind.value


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _clock(seconds: float) -> str:
    if seconds != int(seconds):
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if not (hours or minutes):
        return f"{rest} s"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def printable(text: str) -> str:
    """Without control characters, which XML does not allow, and marks that turn the direction of what follows."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _tip(text: str) -> str:
    return f"<title>{escape(printable(text), quote=False)}</title>"


def _text(x: float, y: float, kind: str, text: str, more: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{more}>{escape(printable(text), quote=False)}</text>'
