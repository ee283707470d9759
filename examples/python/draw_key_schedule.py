"""Draw the key schedule of one call as SVG: a script in cells, for an editor that runs them, or as a whole.

    python3 draw_key_schedule.py [KEY [JID…]] > keys.svg    # a file of hex, and the participants

It shows fingerprints, not keys.
"""

# %% The call: its key and its participants.
from __future__ import annotations

import sys
from html import escape
from pathlib import Path

import callkey

file, *jids = sys.argv[1:] or [""]
key = callkey.CallKey.from_hex(Path(file).read_text().strip()) if file else callkey.CallKey.generate()
jids = jids or ["111111111111111:3@lid", "222222222222222:0@lid", "222222222222222:12@lid"]

# %% What is derived from it: (title, fingerprint) of each key, by participant.
derived: dict[str, list[tuple[str, callkey.Secret]]] = {
    callkey.participant_id(jid): [("SRTP and SRTCP", key.e2e_keys(jid)), ("SFrame", key.sframe_key(jid))]
    for jid in jids
}
derived["the whole call"] = [("WARP", key.warp_auth_key())]

# %% A box has a title and a line; a curve leads to it from the one that it is derived from.
COLORS = {"call": "#fff1dc", "participant": "#f3f5f8", "secret": "#e3f4ea"}
LEFT, WIDTH, HEIGHT, STEP = (24, 300, 576), 220, 48, 64
parts: list[str] = []


def box(kind: str, y: float, title: str, line: str, *, origin: float | None = None) -> None:
    x = LEFT[list(COLORS).index(kind)]
    if origin is not None:
        start, end, middle = x - 56, x, y + HEIGHT / 2
        parts.append(f'<path d="M{start} {origin} C{x - 20} {origin} {start + 20} {middle} {end} {middle}"/>')
    parts.append(f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{COLORS[kind]}"/>')
    parts.append(f'<text x="{x + 12}" y="{y + 20}" font-weight="600">{escape(title)}</text>')
    parts.append(f'<text x="{x + 12}" y="{y + 38}" fill="#5b6472">{escape(line)}</text>')


# %% The picture.
rows = sum(map(len, derived.values()))
middle, row = 24 + (rows * STEP - (STEP - HEIGHT)) / 2, 0
box("call", middle - HEIGHT / 2, "call key", key.fingerprint)
for participant, secrets in derived.items():
    y = 24 + (row + (len(secrets) - 1) / 2) * STEP
    box("participant", y, participant, "HKDF-SHA256", origin=middle)
    for title, secret in secrets:
        box("secret", 24 + row * STEP, title, secret.fingerprint, origin=y + HEIGHT / 2)
        row += 1
style = "<style>text { font: 13px sans-serif } path { fill: none } path, rect { stroke: #8a94a3 }</style>"
size = f'width="{LEFT[-1] + WIDTH + 24}" height="{24 + rows * STEP}"'
print(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}', *parts, "</svg>", sep="\n")
