"""A solved capture as one HTML page, which loads nothing but the WAV files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from html import escape
from urllib.parse import quote

from .result import Result, Stream
from .timeline import draw, printable
from .wav import Sound

_MOST_ROWS = 1000
"""Of a table; the JSON has all."""

_STYLE = """
:root { color-scheme: light dark; --ink: #14181f; --soft: #5b6472; --line: #dde2e8; --ground: #ffffff; --good: #1f7a4a;
  --bad: #b03024; --quiet: #f5f7f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --soft: #9aa5b4; --line: #2b343f; --ground: #12161c;
  --good: #4fc585; --bad: #ff6b5e; --quiet: #1a2028; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1280px; padding: 24px 20px 60px; color: var(--ink); background: var(--ground);
  font: 16px/1.5 Inter, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 1.15rem; margin: 2.2em 0 .6em; }
p { margin: .3em 0; }
.soft { color: var(--soft); }
.figure, .table { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; }
.figure svg { display: block; width: 100%; min-width: 900px; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--quiet); white-space: nowrap; }
td { overflow-wrap: normal; } .time { white-space: nowrap; } td.long { min-width: 16em; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .92em "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }
.missing { border-left: 4px solid var(--bad); background: var(--quiet); padding: 10px 16px; margin: 1em 0; }
.missing ul { margin: .3em 0; padding-left: 1.2em; }
audio { width: 260px; height: 34px; display: block; }
a { color: inherit; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file:; img-src data:"

_Cells = Sequence[str]


def page(result: Result, sounds: Sequence[Sound] = (), links: Sequence[tuple[str, str]] = ()) -> str:
    """The page as text in UTF-8. ``sounds`` are WAV files beside it; ``links``, file and title, are other files there.

    All texts of the capture and its log are escaped. It has no secret, but names who took part; and who can read the
    folder can hear the WAV files.
    """
    return "\n".join(_parts(result, sounds, links)) + "\n"


def _parts(result: Result, sounds: Sequence[Sound], links: Sequence[tuple[str, str]]) -> Iterator[str]:
    title = f"Call {result.call.call_id}" if result.call.call_id else "A captured call"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>"
    yield from _head(result, title, links)
    if result.missing:
        items = "".join(f"<li>{_text(sentence)}</li>" for sentence in result.missing)
        yield f'<div class="missing"><strong>Missing</strong><ul>{items}</ul></div>'
    yield f'<h2>Timeline</h2><div class="figure" tabindex="0">{draw(result)}</div>'
    yield from _table("Secrets", ("secret", "fingerprint", "from", "in force", "for", "used"), _secrets(result))
    heard = {sound.ssrc: sound for sound in sounds}
    yield from _table("Streams", _STREAM_HEAD, (_stream(stream, heard) for stream in result.streams))
    yield from _table(
        "Changes of keys", ("time", "stream", "from", "to", "roll-over counter"), _changes(result), _NO_CHANGE
    )
    yield from _table("Refused packets", ("packets", "reason", "stream", "told", "what fits"), _refused(result), _NONE)
    yield from _table("Stanzas", ("", "time", "", "kind", "sender", "what came of it"), _stanzas(result))
    yield "</body></html>"


_STREAM_HEAD = (
    *("stream", "sender", "audio", "packets", "lost", "twice", "late", "refused"),
    *("secrets", "counter", "from, to"),
)
_NONE = "None: every RTP and RTCP packet is authentic."
_NO_CHANGE = "None."


def _head(result: Result, title: str, links: Sequence[tuple[str, str]]) -> Iterator[str]:
    file, call = result.file, result.call
    kinds = [name for name, is_so in (("group call", call.group), ("video", call.video)) if is_so]
    yield f"<h1>{_text(title)}</h1>"
    span = [_clock(call.begun), f"{call.ended - call.begun:.1f} s"] if call.begun and call.ended else []
    yield f'<p class="soft">{_text(", ".join([*span, *kinds]))}</p>'
    types = ", ".join(file.link_types)
    about = f"{file.path}: {file.records} packets, {file.bytes} bytes, {file.form}, {types}"
    yield f'<p class="soft">{_text(about)}</p>'
    authentic = sum(stream.packets for stream in result.streams)
    refused = sum(group.packets for group in result.refused)
    streams = f"{len(result.streams)} streams"
    yield f"<p><strong>{authentic} packets of {streams} are authentic</strong>, {refused} packets were refused.</p>"
    if links:
        anchors = " · ".join(f'<a href="{quote(name)}">{_text(told)}</a>' for name, told in links)
        yield f'<p class="soft">Files: {anchors}</p>'


def _table(title: str, head: _Cells, rows: Iterable[_Cells], empty: str = "None.") -> Iterator[str]:
    yield f"<h2>{_text(title)}</h2>"
    made = list(rows)
    if not made:
        yield f'<p class="soft">{_text(empty)}</p>'
        return
    yield '<div class="table" tabindex="0"><table><thead><tr>'
    yield "".join(f'<th scope="col">{_text(name)}</th>' for name in head) + "</tr></thead><tbody>"
    for row in made[:_MOST_ROWS]:
        yield f"<tr>{''.join(row)}</tr>"
    yield "</tbody></table></div>"
    if len(made) > _MOST_ROWS:
        yield f'<p class="soft">and {len(made) - _MOST_ROWS} more, which the JSON has</p>'


def _secrets(result: Result) -> Iterator[_Cells]:
    for secret in result.secrets:
        since, until = _clock(secret.since) or "the beginning", _clock(secret.until) or "the end"
        yield (
            _cell(secret.name),
            _code(secret.fingerprint),
            _cell(secret.source),
            f'<td class="time">{since} to<br>{until}</td>',
            _cell(secret.sender or "all"),
            _mark(secret.used, "yes", "no"),
        )


def _stream(stream: Stream, heard: dict[int, Sound]) -> _Cells:
    kind = f"{stream.kind.value} RTCP" if stream.rtcp else stream.kind.value
    sender = stream.sender
    if stream.ssrc_of and stream.ssrc_of != stream.sender:
        sender += f", but its SSRC is derived for {stream.ssrc_of}"
    first, last = stream.roc_first, stream.roc_last
    return (
        f"<td>{_text(kind)}<br><code>{stream.ssrc:#010x}</code></td>",
        _cell(sender),
        _audio(None if stream.rtcp else heard.get(stream.ssrc)),
        *(_number(n) for n in (stream.packets, stream.lost, stream.duplicates, stream.reordered, stream.refused)),
        _cell(", then ".join(f"{use.secret} ({use.packets})" for use in stream.secrets), long=True),
        _cell("" if stream.rtcp else str(first) if first == last else f"{first} to {last}"),
        f"<td>{_text(stream.source)}<br>{_text(stream.destination)}</td>",
    )


def _audio(sound: Sound | None) -> str:
    if sound is None:
        return "<td></td>"
    told = [f"{sound.seconds:.1f} s", f"{sound.silent:.1f} s of silence"]
    told += [f"{sound.undecoded} packets are not Opus"] if sound.undecoded else []
    name = quote(sound.name)
    player = f'<audio controls preload="none" src="{name}"></audio>'
    return f'<td>{player}<a href="{name}">WAV</a> <span class="soft">{_text(", ".join(told))}</span></td>'


def _changes(result: Result) -> Iterator[_Cells]:
    for change in result.changes:
        stream = f"<td><code>{change.ssrc:#010x}</code>{' RTCP' if change.rtcp else ''}</td>"
        counter = _mark(change.roc_kept, "goes on", "begins anew")
        yield _time(change.time), stream, _cell(change.before), _cell(change.after), counter


def _refused(result: Result) -> Iterator[_Cells]:
    for group in result.refused:
        name = "" if group.ssrc is None else f"<code>{group.ssrc:#010x}</code>{' RTCP' if group.rtcp else ''}"
        yield (
            _number(group.packets),
            _cell(group.reason.value),
            f"<td>{name}</td>",
            _cell(group.told, long=True),
            _cell(group.fits),
        )


def _stanzas(result: Result) -> Iterator[_Cells]:
    for stanza in result.stanzas:
        way = {True: "out", False: "in", None: ""}[stanza.outgoing]
        yield (
            _number(stanza.number),
            _time(stanza.time),
            _cell(way),
            _cell(stanza.kind or "?"),
            _cell(stanza.sender),
            f'<td class="long {"" if stanza.good else "bad"}">{_text(stanza.done)}</td>',
        )


def _text(text: str) -> str:
    return escape(printable(text))


def _cell(text: str, *, long: bool = False) -> str:
    return f'<td class="long">{_text(text)}</td>' if long else f"<td>{_text(text)}</td>"


def _code(text: str) -> str:
    return f"<td><code>{_text(text)}</code></td>"


def _time(seconds: float | None) -> str:
    return f'<td class="time">{_clock(seconds)}</td>'


def _number(number: int) -> str:
    return f'<td class="number">{number}</td>'


def _mark(good: bool, yes: str, no: str) -> str:
    return f'<td class="{"good" if good else "bad"}">{_text(yes if good else no)}</td>'


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
