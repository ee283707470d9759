"""``make test-peers``: other implementations judge our stanzas, keys and sessions, and we judge theirs.

``python3 -m tests.peers.run [--write] [PEER…]`` runs these peers, by default all of them, and prints the table of
docs/interop.md: peer, version, subject, n of m equal, and the differences by design. A difference without a row in
docs/protocol.md fails, and so does a table in docs/interop.md that is not this one; ``--write`` puts it there. SEED
(default 1) is the seed of the random inputs; with another one the counts may differ from the page's.
"""

from __future__ import annotations

import os
import re
from importlib import import_module

from tests.peers.tally import Tally
from tools.script import ROOT, Failed, start, usage

PAGE = ROOT / "docs" / "interop.md"
BEGIN = """<!-- python3 -m tests.peers.run --write -->
| peer | version | what | equal | by design |
|---|---|---|---|---|
"""
END = "<!-- end -->\n"
SEED = 1

# Each folder beside this file, and the name in the table. Its judge.py has prepare(), which builds or installs the peer
# and returns its version, and judge(tally, seed).
PEERS = {
    "rust": "wacore",
    "go": "whatsmeow",
    "node": "zapo-js",
    "baileys": "Baileys",
    "signal-client": "@signalapp/libsignal-client",
}


def judged(folder: str, seed: int) -> tuple[list[str], bool]:
    """The peer's rows, and whether all of it held."""
    module = import_module(f"tests.peers.{folder}.judge")
    tally = Tally(PEERS[folder])
    version = module.prepare()
    module.judge(tally, seed)
    return list(tally.lines(version)), not tally.failed


def split(page: str) -> tuple[str, list[str], str]:
    """The page before the table, the table's rows, and the page after it."""
    before, begin, rest = page.partition(BEGIN)
    rows, end, after = rest.partition(END)
    if not begin or not end:
        raise Failed(f"{PAGE.relative_to(ROOT)}: no table between the markers")
    return before, rows.splitlines(), after


def without_counts(rows: list[str]) -> list[str]:
    """In one order: a subject\'s place is that of its first comparison, which depends on the seed."""
    return sorted(re.sub(r"\| \d+ of \d+ \|.*", "", row) for row in rows)


def main(arguments: list[str]) -> int:
    write = "--write" in arguments
    folders = [word for word in arguments if word != "--write"] or list(PEERS)
    if unknown := set(folders) - PEERS.keys():
        usage(f"{', '.join(sorted(unknown))}: the peers are {', '.join(PEERS)}")
    seed = int(os.environ.get("SEED") or SEED)
    print(f"peers: the random inputs are those of SEED={seed}", flush=True)
    before, kept, after = split(PAGE.read_text(encoding="utf-8"))
    table: list[str] = []
    failures = skipped = 0
    for folder, name in PEERS.items():
        old = [row for row in kept if row.startswith(f"| {name} |")]
        if folder not in folders:
            table += old
            continue
        try:
            new, held = judged(folder, seed)
        except SystemExit as end:  # of skip(): the others are judged all the same
            if end.code:
                raise
            table += old
            skipped += 1
            continue
        print("\n".join(new), flush=True)
        table += new
        same = new == old if seed == SEED else without_counts(new) == without_counts(old)
        if not held:
            print(f"FAIL {name}: a difference without a row in docs/protocol.md")
        elif not same and not write:
            print(f"FAIL {name}: docs/interop.md has other rows; run python3 -m tests.peers.run --write {folder}")
        failures += not held or not (same or write)
    if write and not failures:
        PAGE.write_text(before + BEGIN + "".join(f"{row}\n" for row in table) + END + after, encoding="utf-8")
    passed = len(folders) - failures - skipped
    print(f"{passed} passed, {failures} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    start(main)
