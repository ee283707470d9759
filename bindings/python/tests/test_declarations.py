"""The declarations, which are made from callkey.h, against the library, a C compiler and the classes that use them."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

from conftest import TREE

import callkey
from callkey import _declarations as declared
from callkey import errors
from callkey._library import library


def test_same_streams() -> None:
    # The SSRC of one stream would be given out as another's.
    for place, stream in enumerate(callkey.SSRCs._fields):
        assert getattr(declared, "SSRC_" + stream.upper()) == place, stream
    assert len(callkey.SSRCs._fields) == declared.SSRC_COUNT


def test_every_status_has_its_class() -> None:
    # A failure would arrive as an exception without a name, which no except clause can choose.
    for status, name in declared.STATUS_NAMES.items():
        assert library().callkey_status_name(status).decode() == name
        assert status == declared.OK or status in errors.BY_STATUS, f"errors.py has no class with the status {name}"
    assert errors.CallKeyError.name == library().callkey_status_name(min(declared.STATUS_NAMES) - 1).decode()


def test_every_size_is_public() -> None:
    # An app would write 32, and not notice where the contract has another size.
    sizes = {name for name in vars(declared) if name.isupper() and name.endswith(("_BYTES", "_COUNT"))}
    assert "KEY_BYTES" in sizes and sizes <= set(callkey.__all__), sizes - set(callkey.__all__)
    assert all(getattr(callkey, name) == getattr(declared, name) for name in sizes)


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
