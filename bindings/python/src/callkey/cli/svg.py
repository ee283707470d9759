"""The key schedule as an SVG: a column for each derivation, light or dark like the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from .schedule import KEY, PUBLIC, SECRET, STEP, Node

_MARGIN, _HEAD = 32, 96
_COLUMN, _GAP, _TREE_GAP = 64, 12, 44
"""Pixels between columns, between boxes of a column, and between trees."""
_PAD, _LINE, _TITLE = 12, 17, 20
_LETTER, _NOTE_LETTER = 8.9, 6.5
"""Widths of a letter of a name and of a note, with a margin, because viewers have their own fonts."""
_NARROWEST = 118

_STYLE = """
  svg { font-family: Inter, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
  .ground { fill: #ffffff; }
  .title { font-size: 22px; font-weight: 700; fill: #14181f; }
  .subtitle, .legend { font-size: 13px; fill: #5b6472; }
  .name { font-size: 14px; font-weight: 600; }
  .size { font-size: 12px; fill-opacity: .72; }
  .note { font-size: 12px; fill-opacity: .82; }
  .edge { fill: none; stroke: #b4bcc8; stroke-width: 1.6; }
  .box { stroke-width: 1.4; }
  .secret .box { fill: #fff1dc; stroke: #d9892b; } .secret text { fill: #6b3b04; }
  .step .box { fill: #f3f5f8; stroke: #c3cad5; } .step text { fill: #3d4653; }
  .key .box { fill: #e3f4ea; stroke: #3f9d68; } .key text { fill: #0f4a2a; }
  .public .box { fill: #e6effc; stroke: #5487d0; } .public text { fill: #163c74; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12161c; }
    .title { fill: #eef1f5; } .subtitle, .legend { fill: #9aa5b4; }
    .edge { stroke: #4a5563; }
    .secret .box { fill: #3a2710; stroke: #d9892b; } .secret text { fill: #ffd9a3; }
    .step .box { fill: #1d232c; stroke: #3a4452; } .step text { fill: #c6cfdb; }
    .key .box { fill: #11301f; stroke: #3f9d68; } .key text { fill: #b5e8ca; }
    .public .box { fill: #14263f; stroke: #5487d0; } .public text { fill: #bcd6fb; }
  }
"""

_LEGEND = ((SECRET, "secret to begin with"), (STEP, "derivation"), (KEY, "derived secret"), (PUBLIC, "not secret"))


@dataclass
class _Box:
    node: Node
    depth: int
    children: list[_Box] = field(default_factory=list)
    y: float = 0

    @property
    def width(self) -> float:
        title = len(self.node.name) * _LETTER + (len(self.node.size) * _NOTE_LETTER + 14 if self.node.size else 0)
        notes = max((len(note) * _NOTE_LETTER for note in self.node.notes), default=0)
        return max(_NARROWEST, title, notes) + 2 * _PAD

    @property
    def height(self) -> float:
        return _TITLE + len(self.node.notes) * _LINE + 2 * _PAD - 6

    def all(self) -> list[_Box]:
        return [self, *(box for child in self.children for box in child.all())]


def draw(trees: Sequence[Node], title: str, subtitle: str) -> str:
    """The picture as text in UTF-8."""
    roots = [_box(node, 0) for node in trees]
    y: float = _HEAD
    for root in roots:
        y = _place(root, y) + _TREE_GAP
    boxes = [box for root in roots for box in root.all()]
    widths = [max(box.width for box in boxes if box.depth == d) for d in range(max(b.depth for b in boxes) + 1)]
    starts = [_MARGIN + sum(widths[:d]) + d * _COLUMN for d in range(len(widths))]
    width, height = starts[-1] + widths[-1] + _MARGIN, y - _TREE_GAP + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        '<rect class="ground" width="100%" height="100%"/>',
        _text(_MARGIN, 46, "title", title),
        _text(_MARGIN, 70, "subtitle", subtitle),
        *_legend(width),
    ]
    parts += [_edge(box, child, starts, widths) for box in boxes for child in box.children]
    parts += [_drawn(box, starts[box.depth], widths[box.depth]) for box in boxes]
    return "\n".join([*parts, "</svg>", ""])


def _box(node: Node, depth: int) -> _Box:
    return _Box(node, depth, [_box(child, depth + 1) for child in node.children])


def _place(box: _Box, top: float) -> float:
    """Centers a box on its children, which are stacked from ``top`` down; returns the lower edge."""
    bottom = top
    for child in box.children:
        bottom = _place(child, bottom) + _GAP
    bottom -= _GAP if box.children else 0
    if not box.children:
        box.y = top
        return top + box.height
    first, last = box.children[0], box.children[-1]
    middle = (first.y + first.height / 2 + last.y + last.height / 2) / 2
    box.y = middle - box.height / 2
    if box.y < top:  # taller than its children
        _shift(box, top - box.y)
        bottom += top - box.y if box.y > top else 0
    return max(bottom, box.y + box.height, *(b.y + b.height for b in box.all()))


def _shift(box: _Box, by: float) -> None:
    for each in box.all():
        each.y += by


def _edge(box: _Box, child: _Box, starts: Sequence[float], widths: Sequence[float]) -> str:
    x1, y1 = starts[box.depth] + widths[box.depth], box.y + box.height / 2
    x2, y2 = starts[child.depth], child.y + child.height / 2
    bend = (x1 + x2) / 2
    return f'<path class="edge" d="M{x1:.1f} {y1:.1f} C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"/>'


def _drawn(box: _Box, x: float, width: float) -> str:
    node, y = box.node, box.y
    round_ = 18 if node.kind == STEP else 8
    lines = [
        f'<g class="{node.kind}">',
        f'<rect class="box" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{box.height:.1f}" rx="{round_}"/>',
        _text(x + _PAD, y + _PAD + 10, "name", node.name),
    ]
    if node.size:
        lines.append(_text(x + width - _PAD, y + _PAD + 10, "size", node.size, ' text-anchor="end"'))
    for number, note in enumerate(node.notes):
        lines.append(_text(x + _PAD, y + _PAD + 10 + _TITLE + number * _LINE - 1, "note", note))
    return "\n".join([*lines, "</g>"])


def _legend(width: float) -> list[str]:
    parts, x = [], width - _MARGIN
    x += 15
    for kind, label in reversed(_LEGEND):
        x -= len(label) * 6.9 + 36
        parts.append(f'<g class="{kind}"><rect class="box" x="{x:.1f}" y="34" width="14" height="14" rx="4"/></g>')
        parts.append(_text(x + 21, 46, "legend", label))
    return parts


def _text(x: float, y: float, kind: str, text: str, more: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{more}>{escape(text, quote=False)}</text>'
