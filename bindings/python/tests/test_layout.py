"""The structs as ctypes lays them out, against the table that C, Go and Swift are held to."""

from __future__ import annotations

import ctypes
import json

from conftest import TREE

from callkey import _declarations as declared

TABLE = json.loads((TREE / "abi" / "layout.json").read_text())
BITS = 8 * ctypes.sizeof(ctypes.c_void_p)


def test_every_member_is_where_the_table_has_it() -> None:
    for row in TABLE:
        struct = declared.STRUCTS[row["struct"]]
        place = (row[f"offset{BITS}"], row[f"size{BITS}"])
        if row["member"] == "":
            assert place == (0, ctypes.sizeof(struct)), row
        else:
            field = getattr(struct, row["member"])
            assert place == (field.offset, field.size), row


def test_the_table_has_every_member() -> None:
    members = {(row["struct"], row["member"]) for row in TABLE}
    assert len(members) == len(TABLE)
    assert members == {
        (name, member)
        for name, struct in declared.STRUCTS.items()
        for member in ["", *(field[0] for field in struct._fields_)]
    }
