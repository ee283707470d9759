"""The declaration table against include/callkey.h."""

from __future__ import annotations

import ctypes
import re
import subprocess
from ctypes import POINTER, c_char, c_char_p, c_int32, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any

import pytest
from conftest import TREE

import callkey
from callkey import _declarations as declared
from callkey import errors
from callkey._library import library

HEADER = (TREE / "include" / "callkey.h").read_text()
CODE = re.sub(r"/\*.*?\*/", " ", HEADER, flags=re.S)

POINTERS: dict[str, Any] = {
    "uint8_t": POINTER(c_uint8),
    "uint32_t": POINTER(c_uint32),
    "size_t": POINTER(c_size_t),
    "callkey_status": POINTER(c_int32),
    "callkey_store": POINTER(c_uint64),
    "callkey_epochs": POINTER(c_uint64),
    "uint64_t": POINTER(c_uint64),
    "void": c_void_p,
    "char": POINTER(c_char),
    "const char": c_char_p,
    "const char *const": POINTER(c_char_p),
    **{name: POINTER(struct) for name, struct in declared.STRUCTS.items()},
}
VALUES: dict[str, Any] = {
    "uint32_t": c_uint32,
    "size_t": c_size_t,
    "callkey_status": c_int32,
    "callkey_store": c_uint64,
    "callkey_epochs": c_uint64,
    "uint64_t": c_uint64,
    "void": None,
    "const char *": c_char_p,
}


def ctype(parameter: str) -> Any:
    """The ctypes type of one parameter as the header writes it, e.g. ``const uint8_t key[32]``."""
    parameter = " ".join(parameter.split())
    array = re.fullmatch(r"(.*?)\w+\[\w+\]", parameter)
    if array:
        base = array.group(1).strip()
    elif "*" in parameter:
        base = parameter[: parameter.rindex("*")].strip()
    else:
        return VALUES[parameter.rsplit(" ", 1)[0]]
    if base not in POINTERS:
        base = base.removeprefix("const ")
    return POINTERS[base]


def functions() -> dict[str, tuple[Any, list[Any]]]:
    found = {}
    for result, name, arguments in re.findall(r"CALLKEY_API\s+([\w\s*]+?)\s*\b(callkey_\w+)\(([^()]*)\)", CODE):
        result = result.replace("CALLKEY_MUST_CHECK", "").strip()
        arguments = [] if arguments.strip() == "void" else arguments.split(",")
        found[name] = (VALUES[result], [ctype(argument) for argument in arguments])
    return found


def test_same_functions() -> None:
    # A function of the contract could not be reached from Python, or one is declared that isn't there.
    assert list(functions()) == list(declared.FUNCTIONS)
    assert len(re.findall(r"CALLKEY_API\s+(?!__)", re.sub(r"#.*", "", CODE))) == len(declared.FUNCTIONS)


@pytest.mark.parametrize("name", declared.FUNCTIONS)
def test_same_arguments(name: str) -> None:
    # ctypes would pass an argument in the wrong place or size, and read or write foreign memory.
    assert declared.FUNCTIONS[name] == functions()[name]


def macros() -> dict[str, int]:
    found = re.findall(r"#define CALLKEY_(\w+) \(?(-?\d+)\)?", HEADER)
    return {name: int(value) for name, value in found}


def test_same_numbers() -> None:
    # A size, flag or status would mean another thing in Python than in C.
    for name, value in macros().items():
        if name.startswith(("ERR_", "OK")):
            continue
        assert getattr(declared, name) == value, name


def test_same_streams() -> None:
    # The SSRC of one stream would be given out as another's.
    for place, stream in enumerate(callkey.SSRCs._fields):
        assert getattr(declared, "SSRC_" + stream.upper()) == place, stream
    assert len(callkey.SSRCs._fields) == declared.SSRC_COUNT


def test_same_statuses() -> None:
    # A failure would arrive as the wrong exception.
    statuses = {value: "CALLKEY_" + name for name, value in macros().items() if name.startswith("ERR_")}
    assert {status: cls.name for status, cls in errors.BY_STATUS.items()} == statuses
    for status, name in statuses.items():
        assert library().callkey_status_name(status).decode() == name


def test_sizes_of_the_loaded_library() -> None:
    # The package would allocate other sizes than the library writes.
    for name in declared.FUNCTIONS:
        if name.endswith("_bytes") or name == "callkey_ssrc_count":
            assert getattr(library(), name)() == getattr(declared, name.removeprefix("callkey_").upper()), name


def test_same_layout(tmp_path: Path) -> None:
    # The library would read and write the members of a struct at other places than Python.
    lines, expected = [], []
    for name, struct in declared.STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        expected.append(f"{name} {ctypes.sizeof(struct)}")
        for member, *_ in struct._fields_:
            lines.append(f'printf("{member} %zu %zu\\n", offsetof({name}, {member}), sizeof((({name} *)0)->{member}));')
            place = getattr(struct, member)
            expected.append(f"{member} {place.offset} {place.size}")
    source = tmp_path / "layout.c"
    source.write_text('#include "callkey.h"\n#include <stdio.h>\nint main(void) {' + "\n".join(lines) + "return 0; }\n")
    program = tmp_path / "layout"
    subprocess.run(["cc", "-I", str(TREE / "include"), str(source), "-o", str(program)], check=True, timeout=60)
    printed = subprocess.run([str(program)], check=True, capture_output=True, text=True, timeout=60).stdout
    assert printed.split("\n")[:-1] == expected


def test_members_of_the_header() -> None:
    # A member that Python doesn't have would shift nothing today, but would never be filled.
    for name, struct in declared.STRUCTS.items():
        found = re.search(rf"typedef struct {name} \{{(.*?)\}} {name};", CODE, re.S)
        assert found is not None, name
        members = re.findall(r"(\w+)(?:\[\w+\])?\s*[,;]", found.group(1))
        assert members == [member for member, *_ in struct._fields_]
