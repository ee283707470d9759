"""``callkey vectors``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command import Command
from conftest import TREE

from callkey.cli import exits
from callkey.cli.cases import RUNNERS

VECTORS = TREE / "testdata" / "vectors"


def test_all(command: Command) -> None:
    # The library would be called right although a case of the field fails, or wrong although none does.
    done = command("vectors", VECTORS)
    assert (done.status, done.err) == (0, "")
    cases = 0
    for path in VECTORS.glob("*.json"):
        contents = json.loads(path.read_text())
        if contents.get("function") in RUNNERS:
            cases += len(contents["cases"])
    assert done.out.endswith(f"\n{cases} passed, 0 failed\n")


@pytest.mark.parametrize("function", sorted(RUNNERS))
def test_each_can_fail(function: str, command: Command) -> None:
    # The command would say "passed" whatever the library gives.
    name, path = next(
        (path.name, path)
        for path in sorted(VECTORS.glob("*.json"))
        if json.loads(path.read_text()).get("function") == function
    )
    contents = json.loads(path.read_text())
    case: dict[str, Any] = next(case for case in contents["cases"] if case.get("out") or function == "callkey_check")
    if case["out"]:
        key, value = next(iter(case["out"].items()))
        case["out"][key] = (
            [*value[:-1], "?"] if isinstance(value, list) else ("00" if isinstance(value, str) else value + 1)
        )
    else:
        case.pop("out")
        case["error"] = "CALLKEY_ERR_KEY_LENGTH"
    copy = command.file(name, json.dumps(contents))
    done = command("vectors", copy)
    assert done.status == exits.FAILED
    assert done.out.endswith(f"\n{len(contents['cases']) - 1} passed, 1 failed\n")
    assert case["name"] in done.out


def test_wrong_error(command: Command) -> None:
    # Any refusal would pass for the one that is right.
    cases = [
        {"name": "a", "in": {"key_hex": "00"}, "error": "CALLKEY_ERR_MALFORMED"},
        {"name": "b", "in": {"key_hex": "00"}, "out": {}},
        {"name": "c", "in": {}, "out": {}},
    ]
    done = command("vectors", command.file("check.json", json.dumps({"function": "callkey_check", "cases": cases})))
    assert done.status == exits.FAILED and "0 passed, 3 failed" in done.out
    assert "CALLKEY_ERR_KEY_LENGTH instead of CALLKEY_ERR_MALFORMED" in " ".join(done.out.split())


def test_unknown_function(command: Command) -> None:
    # Vectors that were not run would look as if they had passed.
    done = command("vectors", command.file("new.json", json.dumps({"function": "callkey_new", "cases": []})))
    assert done.status == exits.FAILED and "no callkey_new in this package" in done.out
    primitive = shutil.copy(VECTORS / "rfc5869.json", command.folder / "rfc.json")
    alone = command("vectors", primitive)
    assert alone.status == exits.FAILED and "0 passed" in alone.out


@pytest.mark.parametrize(
    "contents", ["", "{", "[]", "{}", '{"function": 1, "cases": []}', '{"function": "x", "cases": [1]}', "[" * 9999]
)
def test_no_vectors(command: Command, contents: str, tmp_path: Path) -> None:
    # A file of something else would end in a traceback.
    done = command("vectors", command.file("x.json", contents))
    assert done.status == exits.USAGE and "is not a file of vectors" in done.err
