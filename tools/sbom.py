"""Makes the library's bill of materials twice and compares it with go.sum: python3 -m tools.sbom LIBRARY

go.sum must have each module with the same hash.
"""

from __future__ import annotations

import json
from pathlib import Path

from tools.script import ROOT, expect, go_run, start, usage

MODULE = "pkg:golang/"


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    library = arguments[0]
    bill = Path(f"{library}.cdx.json")
    go_run("./supply", "sbom", library, bill)
    again = go_run("./supply", "sbom", library)
    expect(again == bill.read_text(), f"two bills of materials of {library} differ")

    pinned = {tuple(line.split()) for line in (ROOT / "go.sum").read_text().splitlines()}
    count = 0
    for part in json.loads(again)["components"]:
        name, _, version = part.get("purl", "").partition("@")
        if name.startswith(MODULE) and version.startswith("v"):
            hashes = [row["value"] for row in part.get("properties", ()) if row["value"].startswith("h1:")]
            held = hashes and (name[len(MODULE) :], version, hashes[0]) in pinned
            expect(held, f"{part['purl']} of {bill} is not pinned in go.sum")
            count += 1
    expect(count >= 5, f"{bill} has {count} modules")
    print(f"sbom: {bill}, {count} modules pinned by hash in go.sum, Go and SQLite")


if __name__ == "__main__":
    start(main)
