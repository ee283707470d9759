"""``go test`` with one line for each package: ``python3 -m tools.gotest [-as-library] FLAG... PACKAGE...``

After the packages come the skipped tests, each with its reason, and one line: N passed, N failed, N skipped. The whole
output of a failed test is shown. GO is the go command.

-as-library: every package is compiled as the release build of the library compiles it, SQLite and the Go runtime too,
and what that build has compiled is not compiled again.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.build import recipe, write_overlay
from tools.script import GO, ROOT, start

Test = tuple[str, str]
AS_LIBRARY = "-as-library"
# The race detector does not see C, and SQLite takes three times as long to optimise as the library has it.
LESS_OPTIMISED = {"CGO_CFLAGS": "-O1"}


def main(arguments: list[str]) -> int:
    if AS_LIBRARY not in arguments:
        return test(arguments, LESS_OPTIMISED if "-race" in arguments else {})
    with tempfile.TemporaryDirectory() as folder:
        library = recipe(["release"], Path(folder))
        # Position-independent, as in a library.
        flags = ("-buildmode=pie", *library.flags(write_overlay(Path(folder))))
        others = (argument for argument in arguments if argument != AS_LIBRARY)
        return test([*flags, *others], library.environment())


def test(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    short = "-short" in arguments
    go = subprocess.Popen(
        [GO, "test", "-json", *arguments], cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True
    )
    assert go.stdout is not None
    count: Counter[str] = Counter()
    said: defaultdict[Test, list[str]] = defaultdict(list)
    skipped: list[str] = []
    for line in go.stdout:
        if not line.startswith("{"):
            print(line, end="", flush=True)
            continue
        event: dict[str, Any] = json.loads(line)
        test, action, text = event.get("Test", ""), event["Action"], event.get("Output", "")
        key = (event.get("Package") or event.get("ImportPath", ""), test)
        if action == "build-output":
            print(text, end="", flush=True)
        elif action == "output":
            said[key].append(text)
        elif action in ("pass", "fail", "skip"):
            told = said.pop(key, [])
            if test:
                count[action] += 1
                if action == "skip":
                    skipped.append(f"{test}: {reason(told)}")
            if action == "fail" or (not test and action == "pass"):
                shown = told if action == "fail" else told[-1:]
                print("".join(shown), end="", flush=True)
    if not short:
        for one in skipped:
            print(f"skipped: {one}")
    print(f"{count['pass']} passed, {count['fail']} failed, {count['skip']} skipped" + (" by -short" if short else ""))
    status = go.wait()
    if status == 0 and count["pass"] == 0:
        print("FAIL no test ran")
        return 1
    return status


def reason(told: list[str]) -> str:
    """The text that a skipped test passed to Skip, from its output."""
    lines = [line.strip() for line in told if not line.startswith(("===", "---")) and "--- SKIP" not in line]
    text = " ".join(lines).split(": ", 1)[-1]
    return text[len("skipped: ") :] if text.startswith("skipped: ") else text


if __name__ == "__main__":
    start(main)
