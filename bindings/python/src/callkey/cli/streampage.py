"""Who sent the packets and streams, on a page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import callkey

from .packets import Packet
from .page import Page, printable
from .streams import Stream, Streams

Told = tuple[Packet, "int | None", str]
"""A packet, the index of its sender, and what is wrong with it."""
Named = dict[int, tuple[int, str]]
"""The index of the candidate and the name of the stream, by SSRC."""


def write_json(page: Page, fingerprint: str, told: Iterable[Told], streams: Streams, named: Named) -> bool:
    """Returns whether every packet is RTP."""
    ids = [callkey.participant_id(jid) for jid in streams.candidates]
    whole, rows = True, []
    for packet, sender, wrong in told:
        whole = whole and not wrong
        row: dict[str, Any] = {"place": packet.place}
        if not wrong:
            row.update(ssrc=packet.ssrc, sequence=packet.sequence)
            row["participant"] = None if sender is None else ids[sender]
        rows.append({**row, "wrong": wrong} if wrong else row)
    senders = {index for stream in streams.by_ssrc.values() for index in stream.senders}
    answer = {
        "fingerprint": fingerprint,
        "participant": ids[senders.pop()] if len(senders) == 1 else None,
        "streams": [
            {
                "ssrc": stream.ssrc,
                "stream": named.get(stream.ssrc, (0, None))[1],
                "participant": None if stream.sender is None else ids[stream.sender],
                "packets": stream.packets,
                "sent_by": {ids[index]: count for index, count in stream.senders.items()},
            }
            for stream in streams.by_ssrc.values()
        ],
        "packets": rows,
    }
    page.out.write(json.dumps(answer, indent=2) + "\n")
    return whole


def show(page: Page, told: Iterable[Told], streams: Streams, named: Named) -> bool:
    """A line for each packet, then for each stream, then for each candidate. Returns whether every packet is RTP."""
    jids = [printable(jid) for jid in streams.candidates]
    whole = True
    for packet, sender, wrong in told:
        whole = whole and not wrong
        where = page.style(f"{printable(packet.place)}", "dim")
        if wrong:
            page.line(f"{page.mark(False)} {where}  {wrong}")
            continue
        number = f"0x{packet.ssrc:08x} sequence {packet.sequence:<5}"
        whose = "none of them" if sender is None else jids[sender]
        page.line(f"{page.mark(sender is not None)} {where}  {number}  {whose}")
    page.line()
    for stream in streams.by_ssrc.values():
        _stream(page, stream, jids, named)
    page.line()
    _sum(page, streams, jids)
    return whole


def _stream(page: Page, stream: Stream, jids: list[str], named: Named) -> None:
    sent = ", ".join(f"{count} of {stream.packets} from {jids[index]}" for index, count in stream.senders.most_common())
    name = ""
    if stream.ssrc in named:
        owner, name = named[stream.ssrc]
        if owner != stream.sender:
            name += f" of {jids[owner]} by the call id"
    elif named:
        name = "of none of them by the call id"
    rest = stream.packets - sum(stream.senders.values())
    why = "another key, e.g. an epoch, another counter, or damaged"
    others = f"; {rest} from none of them: {why}" if sent and rest else ""
    good = stream.sender is not None and not rest
    told = f"{sent or f'0 of {stream.packets}'}{others}"
    page.finding(good, f"SSRC 0x{stream.ssrc:08x}{f' ({name})' if name else ''}: {told}")


def _sum(page: Page, streams: Streams, jids: list[str]) -> None:
    every = sum(stream.packets for stream in streams.by_ssrc.values())
    found = False
    for index, jid in enumerate(jids):
        sent = sum(stream.senders[index] for stream in streams.by_ssrc.values())
        found = found or sent > 0
        mark = page.mark(True) if sent else page.style("·", "dim")
        what = "sent it" if every == 1 else f"sent {sent} of {every}"
        told = f"  {what}: derive SRTP, SRTCP and SFrame keys for this one" if sent else ""
        page.line(f"{mark} {page.style(jid, *(['bold'] if sent else ['dim']))}{told}")
    if every and not found:
        page.line()
        page.finding(
            False,
            f"None of them sent {'it' if every == 1 else 'any'}, with this key, roll-over counter {streams.roc} and "
            f"a tag of {streams.tag_len} bytes.",
        )
