"""The cost of small changes: the files and hunks that a developer edits by hand.

    python3 -m tools.cost [NAME...]          a row for each change of tools/cost/changes; fails above its limit
    python3 -m tools.cost --prove [NAME...]  also runs the tests that each change must pass
    python3 -m tools.cost --omit [NAME...]   leaves out each place once: the checks must name the file
    python3 -m tools.cost --write            puts the table into CONTRIBUTING.md

It applies each change to a copy of this tree in build/cost. Files that `make generate` writes do not count.
"""

from __future__ import annotations

from tools.cost import changes, page
from tools.cost.scratch import Scratch
from tools.script import Failed, Tally, start

_OPTIONS = {"--prove", "--omit", "--write"}


def main(arguments: list[str]) -> int:
    options = {argument for argument in arguments if argument.startswith("-")}
    names = [argument for argument in arguments if argument not in options]
    known = {change.name: change for change in changes.ALL}
    if options - _OPTIONS or set(names) - set(known) or ("--write" in options and names):
        raise SystemExit(__doc__)
    chosen = [known[name] for name in names] or list(changes.ALL)
    tally = Tally()
    rows = []
    for change in chosen:
        with tally.test(change.name):
            scratch = Scratch(change)
            scratch.apply(change.edits)
            scratch.check()
            files, hunks = scratch.count()
            rows.append(page.Row(change, files, hunks))
            if files > change.limit:
                raise Failed(f"{change.name}: {files} files are edited by hand, more than {change.limit}")
            print(f"{change.name}: {files} files, {hunks} hunks by hand (at most {change.limit} files)", flush=True)
            if "--prove" in options:
                scratch.prove()
            if "--omit" in options and change.declared:
                scratch.omit_each()
    if tally.failed == 0 and "--write" in options:
        page.write(rows)
    elif tally.failed == 0 and not names:
        page.check(rows)
    return tally.end()


start(main)
