"""The shared known answers and error cases of testdata/vectors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import TREE

from callkey.cli.cases import RUNNERS, Fields, check


def load() -> list[Any]:
    cases = []
    for path in sorted((TREE / "testdata" / "vectors").glob("*.json")):
        contents = json.loads(path.read_text())
        if "function" not in contents or contents["function"].startswith("primitive_"):
            continue
        for case in contents["cases"]:
            cases.append(pytest.param(contents["function"], case, id=f"{path.stem}: {case['name']}"))
    return cases


CASES = load()


def test_all_there() -> None:
    # Without its file of vectors, or if no test ran it, a function could fail unnoticed in Python.
    assert {case.values[0] for case in CASES} == set(RUNNERS)


@pytest.mark.parametrize("function, case", CASES)
def test_case(function: str, case: Fields) -> None:
    # Python would derive other keys than all peers, or accept bad input.
    assert check(function, case) == ""
