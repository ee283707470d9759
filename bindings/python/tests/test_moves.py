"""The scripts of examples/python that move an account from another library and back, on storages that those libraries
wrote. `make test-peers` runs the same scripts with the libraries themselves."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from conftest import TREE

import callkey
from callkey import EncType, Store

EXAMPLES = TREE / "examples" / "python"
MOVES = TREE / "testdata" / "moves"
STORAGES = {"whatsmeow": "whatsmeow.db", "baileys": "keys"}
STORAGE_KEY = bytes(range(32))
Capture = pytest.CaptureFixture[str]


class Moving:
    """A recorded storage in a folder of its own, and the script for it."""

    def __init__(self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(EXAMPLES)
        self.main: Callable[[list[str]], int] = import_module(f"move_{name}").main
        self.account: dict[str, Any] = json.loads((MOVES / name / "account.json").read_text(encoding="utf-8"))
        self.sessions: list[str] = sorted(self.account["sessions"])
        self.old = folder / STORAGES[name]
        recorded = MOVES / name / STORAGES[name]
        (shutil.copytree if recorded.is_dir() else shutil.copyfile)(recorded, self.old)
        self.file, self.key = folder / "calls.db", folder / "storage.key"
        self.key.write_bytes(STORAGE_KEY)

    def __call__(self, direction: str) -> int:
        return self.main([direction, str(self.old), str(self.file), str(self.key)])

    def store(self) -> Store:
        return Store.open(self.file, storage_key=STORAGE_KEY, identity=False)


@pytest.fixture(params=STORAGES)
def moving(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Moving:
    return Moving(request.param, tmp_path, monkeypatch)


def contents(place: Path) -> dict[str, Any]:
    """What a storage holds: rows or files by name, and JSON as its values."""
    if place.is_dir():
        return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in place.iterdir()}
    with closing(sqlite3.connect(place)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}
    rows["whatsmeow_sessions"] = [(own, name, json.loads(row)) for own, name, row in rows["whatsmeow_sessions"]]
    return rows


def test_moves_in(moving: Moving, capsys: Capture) -> None:
    # An app that comes from another library would lose its calls and its contacts' sessions, or those under way.
    assert moving("in") == 0
    assert capsys.readouterr().out == "2 sessions moved, 0 left\n"
    with moving.store() as store:
        assert sorted(store.sessions()) == moving.sessions
        assert store.identity.public_key.hex() == moving.account["identity_key"]
        assert store.identity.registration_id == moving.account["registration_id"]
        for message in moving.account["messages"]:
            opened = (message["from"], EncType[message["type"].upper()], bytes.fromhex(message["ciphertext"]))
            with store.open_enc(*opened) as key:
                assert key.reveal().hex() == message["key"]
            with pytest.raises(callkey.DuplicateError):
                store.open_enc(*opened)
    assert not [name for name in contents(moving.old) if name.startswith("session-")]
    assert moving("in") == 0  # again: nothing is left to move, and the prekey that was used does not come back
    with moving.store() as store:
        assert store.prekeys_left() == 0


def test_moves_out_again(moving: Moving, capsys: Capture) -> None:
    # What goes back would not be what came.
    before = contents(moving.old)
    assert (moving("in"), moving("out")) == (0, 0)
    assert capsys.readouterr().out == "2 sessions moved, 0 left\n" * 2
    with moving.store() as store:
        assert list(store.sessions()) == []
    after = contents(moving.old)
    assert after.keys() == before.keys()
    if "whatsmeow_sessions" in before:
        after["whatsmeow_sessions"] = [(*at, _as_written(row)) for *at, row in after["whatsmeow_sessions"]]
        assert after == before
        return
    for name, was in before.items():
        if name.startswith("session-"):
            was, after[name] = _comparable(was), _comparable(after[name])
            assert stat.S_IMODE((moving.old / name).stat().st_mode) == 0o600
        assert after[name] == was


def _as_written(row: Any) -> Any:
    """A row with the members that are always empty, which whatsmeow writes and does not need."""
    states = [row["SessionState"], *row["PreviousStates"]]
    for state in states:
        state.update(NeedsRefresh=False, PendingKeyExchange=None)
    return row


def _comparable(record: Any) -> Any:
    """A session's file without what does not move: times, who began, and keys of skipped messages. A chain that has
    ended gets a key that is of no use, and a device that has not answered has no chain to name."""
    for session in record["_sessions"].values():
        ratchet, chains = session["currentRatchet"], session["_chains"]
        for name in ("used", "created", "baseKeyType"):
            del session["indexInfo"][name]
        if ratchet["lastRemoteEphemeralKey"] not in chains:
            del ratchet["lastRemoteEphemeralKey"]
        newest = {ratchet.get("lastRemoteEphemeralKey"), ratchet["ephemeralKeyPair"]["pubKey"]}
        for key in list(chains):
            del chains[key]["messageKeys"]
            if key not in newest:
                del chains[key]
    return record


def test_never_over_another_session(moving: Moving, capsys: Capture) -> None:
    # A newer session would be replaced by an older copy of itself, and message keys used twice.
    whole = moving.old.with_name("whole")
    (shutil.copytree if moving.old.is_dir() else shutil.copyfile)(moving.old, whole)
    assert moving("in") == 0
    with moving.store() as store:
        kept = {jid: store.session(jid).export().reveal() for jid in moving.sessions}
    moving.old = whole
    before = contents(whole)
    for direction, reason in (("in", "the store"), ("out", "the other side")):
        capsys.readouterr()
        assert moving(direction) == 1
        told = capsys.readouterr().out
        assert told.count(f"not moved: {reason} has a session with it\n") == 2
        assert told.endswith("0 sessions moved, 2 left\n")
        assert contents(whole) == before
        with moving.store() as store:
            assert {jid: store.session(jid).export().reveal() for jid in store.sessions()} == kept


def test_old_copy_stays(moving: Moving, capsys: Capture) -> None:
    # The other side would seal with keys that the original of the copy has used.
    assert moving("in") == 0
    with moving.store() as store:
        store.copy(moving.file.with_name("copy.db"))
    moving.file = moving.file.with_name("copy.db")
    Store.open(moving.file, storage_key=STORAGE_KEY, restored=True).close()
    assert moving("out") == 1
    assert capsys.readouterr().out.count("it is from an old copy of the store and must not seal") == 2


def test_other_account(moving: Moving, capsys: Capture) -> None:
    # Sessions of one account would end in the store of another, where no peer accepts them.
    with Store.open(moving.file, storage_key=STORAGE_KEY):
        pass
    before = contents(moving.old)
    for direction in ("in", "out"):
        with pytest.raises(SystemExit) as ended:
            moving(direction)
        assert ended.value.code == 2
        assert "calls.db: the store has another identity" in capsys.readouterr().err
    assert contents(moving.old) == before


def test_bad_arguments(moving: Moving, capsys: Capture) -> None:
    # A mistyped path would make a new store, or a key would be taken for one.
    moving.key.write_bytes(STORAGE_KEY[:-1])
    with pytest.raises(SystemExit):
        moving("in")
    assert "storage key has 31 bytes" in capsys.readouterr().err and not moving.file.exists()
    moving.key.write_bytes(STORAGE_KEY)
    with pytest.raises(SystemExit):
        moving("out")
    assert "there is no store in the file" in capsys.readouterr().err and not moving.file.exists()
    moving.old = moving.old.with_name("absent")
    with pytest.raises(SystemExit):
        moving("in")
    assert "there is no" in capsys.readouterr().err and not moving.old.exists()


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b'{"_sessions": 7}', b"[]", b"\xff", b'{"_sessions": {"x": {}}}', b"cut"]
)
def test_damaged_session(moving: Moving, capsys: Capture, damage: bytes) -> None:
    # One damaged session would stop the move of all others, or be lost.
    if moving.old.is_dir():
        file = sorted(moving.old.glob("session-*"))[0]
        file.write_bytes(file.read_bytes()[:-200] if damage == b"cut" else damage)
    else:
        with closing(sqlite3.connect(moving.old, isolation_level=None)) as database:
            name, row = database.execute("SELECT their_id, session FROM whatsmeow_sessions ORDER BY 1").fetchone()
            new = row[:-200] if damage == b"cut" else damage
            database.execute("UPDATE whatsmeow_sessions SET session = ? WHERE their_id = ?", (new, name))
    assert moving("in") == 1
    out = capsys.readouterr().out
    assert out.count(": not moved: ") == 1 and out.endswith("1 sessions moved, 1 left\n")
    with moving.store() as store:
        assert list(store.sessions()) == moving.sessions[1:]


def test_strange_names(moving: Moving, capsys: Capture) -> None:
    # A session would come under another device's name.
    if moving.old.is_dir():
        file = sorted(moving.old.glob("session-*"))[0]
        file.rename(moving.old / "session-222222222222222_7.1.json")
    else:
        with closing(sqlite3.connect(moving.old, isolation_level=None)) as database:
            first = "SELECT min(their_id) FROM whatsmeow_sessions"
            database.execute(f"UPDATE whatsmeow_sessions SET their_id = '222_7:1' WHERE their_id = ({first})")
    assert moving("in") == 1
    assert "_7" in (told := capsys.readouterr().out) and " is not the name of a device\n" in told
    with moving.store() as store:
        assert list(store.sessions()) == moving.sessions[1:]


@pytest.mark.parametrize("devices", [0, 2])
def test_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: int) -> None:
    # The sessions of several accounts would end in one store.
    moving = Moving("whatsmeow", tmp_path, monkeypatch)
    with closing(sqlite3.connect(moving.old, isolation_level=None)) as database:
        if devices == 0:
            database.execute("DELETE FROM whatsmeow_device")
        else:
            row = database.execute("SELECT * FROM whatsmeow_device").fetchone()
            marks = ", ".join("?" * len(row))
            database.execute(f"INSERT INTO whatsmeow_device VALUES ({marks})", ("2@s.whatsapp.net", *row[1:]))
    with pytest.raises(SystemExit, match=f"has {devices} devices"):
        moving("in")


def test_every_script_is_tested() -> None:
    # An example would rot.
    scripts = {file.stem for file in EXAMPLES.glob("move_*.py")}
    assert scripts == {f"move_{name}" for name in STORAGES}
    assert all(script in sys.modules for script in scripts)
