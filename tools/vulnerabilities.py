"""Looks for known vulnerabilities in the functions that the library calls, in modules and in Go itself:
python3 -m tools.vulnerabilities

The database is a Go module, golang.org/x/vulndb: govulncheck would ask for it by itself, and it is available wherever
the modules are. It is deliberately the newest version, because new vulnerabilities are found in old code.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tools.script import GO, expect, run, start

FEWEST = 4000
"""The minimum number of entries in the database: an empty one would find nothing."""


def main(_: list[str]) -> None:
    database = json.loads(run(GO, "mod", "download", "-json", "golang.org/x/vulndb@latest", env={"GOFLAGS": ""}))
    folder = Path(database["Dir"], "data", "osv")
    date = re.sub(r".*-(\d{4})(\d\d)(\d\d)\d{6}-.*", r"\1-\2-\3", database["Version"])
    entries = len(list(folder.glob("GO-*.json")))
    expect(entries >= FEWEST, f"the vulnerability database in {folder} has {entries} entries")
    found = run(
        *("govulncheck", "-tags", "sqlite_omit_load_extension", "-db", folder.as_uri(), "./core/...", "./capi"),
        quiet=True,
    )
    expect("No vulnerabilities found." in found.splitlines(), found)
    print(f"vulnerabilities: none is called, says govulncheck with the {entries} entries of {date}")


if __name__ == "__main__":
    start(main)
