"""The scripts of examples/python that move an account from another library and back, on storages that those libraries
wrote. `make test-peers` runs the same scripts with the libraries themselves."""

from __future__ import annotations

import base64
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
STORAGES = {
    "whatsmeow": ("whatsmeow.db", "move_whatsmeow"),
    "baileys": ("keys", "move_baileys"),
    "zapo": ("records.json", "move_records"),
    "signal-client": ("records.json", "move_records"),
}
"""By the name of a folder in testdata/moves: the storage, and the script for it."""
STORAGE_KEY = bytes(range(32))
Capture = pytest.CaptureFixture[str]


class Moving:
    """A recorded storage in a folder of its own, and the script for it."""

    def __init__(self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(EXAMPLES)
        storage, script = STORAGES[name]
        self.main: Callable[[list[str]], int] = import_module(script).main
        self.account: dict[str, Any] = json.loads((MOVES / name / "account.json").read_text(encoding="utf-8"))
        self.sessions: list[str] = sorted(self.account["sessions"])
        self.old = folder / storage
        recorded = MOVES / name / storage
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
    """What a storage holds: rows, files or records by name, and JSON as its values."""
    if place.suffix == ".json":
        account: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return {**account, "sessions": {jid: _decoded(record) for jid, record in account["sessions"].items()}}
    if place.is_dir():
        return {file.name: _parsed(file.read_bytes()) for file in place.iterdir()}
    with closing(sqlite3.connect(place)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}
    rows["whatsmeow_sessions"] = [(own, name, _parsed(row)) for own, name, row in rows["whatsmeow_sessions"]]
    return rows


def _parsed(row: bytes) -> Any:
    try:
        return json.loads(row)
    except ValueError:
        return row


def change(place: Path, name: str = "", record: Callable[[bytes], bytes] = bytes) -> None:
    """Gives the first session another name, or another record."""
    if place.is_dir():
        first = min(place.glob("session-*"))
        first.write_bytes(record(first.read_bytes()))
        first.rename(place / f"session-{name.replace(':', '.')}.json" if name else first)
    elif place.suffix == ".json":
        account = json.loads(place.read_text(encoding="utf-8"))
        jid = min(account["sessions"])
        changed = record(base64.b64decode(account["sessions"].pop(jid)))
        account["sessions"][name or jid] = base64.b64encode(changed).decode()
        place.write_text(json.dumps(account), encoding="utf-8")
    else:
        with closing(sqlite3.connect(place, isolation_level=None)) as database:
            was, row = database.execute("SELECT their_id, session FROM whatsmeow_sessions ORDER BY 1").fetchone()
            update = "UPDATE whatsmeow_sessions SET their_id = ?, session = ? WHERE their_id = ?"
            database.execute(update, (name or was, record(row), was))


def _decoded(record: str) -> Any:
    """A record's fields. When an unanswered session began is left out: zapo-js does not keep it."""
    module = import_module("record")
    try:
        fields: dict[str, Any] = module.decode(base64.b64decode(record), module.RECORD)
    except ValueError:
        return record
    for session in (fields.get("current", {}), *fields["previous"]):
        session.get("pending", {}).pop("since", None)
    return fields


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
    assert not contents(moving.old).get("sessions") and not contents(moving.old).get("whatsmeow_sessions")
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
    if "sessions" in before:
        assert stat.S_IMODE(moving.old.stat().st_mode) == 0o600
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
    """A session's file without what does not move: times, who began a session that is answered, keys of skipped
    messages. A chain that has ended gets a key that is of no use, and a device that has not answered has no chain to
    name."""
    for session in record["_sessions"].values():
        ratchet, chains = session["currentRatchet"], session["_chains"]
        for name in ("used", "created", *(() if "pendingPreKey" in session else ("baseKeyType",))):
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
    whole = moving.old.with_name(f"whole{moving.old.suffix}")
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


def test_interrupted(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    # A full disk would leave a session on both sides, and both would seal with its keys.
    restore = callkey.Session.restore

    def fails(session: callkey.Session, record: bytes) -> None:
        if session.jid == moving.sessions[1]:
            raise callkey.StoreError("the disk is full")
        restore(session, record)

    whole = left(contents(moving.old))
    with monkeypatch.context() as patched:
        patched.setattr(callkey.Session, "restore", fails)
        with pytest.raises(SystemExit) as ended:
            moving("in")
        assert ended.value.code == 2
    with moving.store() as store:
        assert list(store.sessions()) == moving.sessions[:1]
    assert left(contents(moving.old)) == whole[1:]
    assert moving("in") == 0
    with moving.store() as store:
        assert sorted(store.sessions()) == moving.sessions


@pytest.mark.parametrize("name", ["baileys", "zapo"])
def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # No run after the one that was interrupted while it wrote a file would get on.
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    moving = Moving(name, tmp_path, monkeypatch)
    assert moving("in") == 0
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError):
            moving("out")
    with moving.store() as store:
        assert sorted(store.sessions()) == moving.sessions
    assert moving("out") == 0
    with moving.store() as store:
        assert list(store.sessions()) == []
    assert len(left(contents(moving.old))) == len(moving.sessions)
    assert not list(tmp_path.rglob("*.new"))


@pytest.mark.parametrize("name", ["whatsmeow", "baileys"])
def test_identity_without_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # A device that is known, and has no session at the moment, could come back with any identity.
    moving = Moving(name, tmp_path, monkeypatch)
    with Store.open() as other:
        known = other.identity.public_key
    if name == "baileys":
        data = base64.b64encode(b"\x05" + known).decode()
        file = moving.old / "identity-key-222222222222222_1.5.json"
        file.write_text(json.dumps({"type": "Buffer", "data": data}), encoding="utf-8")
    else:
        with closing(sqlite3.connect(moving.old, isolation_level=None)) as database:
            row = "SELECT our_jid, '222222222222222_1:5', ? FROM whatsmeow_identity_keys LIMIT 1"
            database.execute(f"INSERT INTO whatsmeow_identity_keys {row}", (known,))
    assert moving("in") == 0
    with moving.store() as store:
        assert store.identity_of("222222222222222:5@lid") == known


def test_newer_identity_stays(moving: Moving) -> None:
    # An identity that the user accepted would be replaced by one that is out of date.
    assert moving("in") == 0
    with moving.store() as store, Store.open() as other:
        for jid in moving.sessions:
            store.trust(jid, other.identity.public_key)
        assert moving("in") == 0
        assert {store.identity_of(jid) for jid in moving.sessions} == {other.identity.public_key}


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
    change(moving.old, record=lambda whole: whole[:-200] if damage == b"cut" else damage)
    damaged = contents(moving.old)
    assert moving("in") == 1
    out = capsys.readouterr().out
    assert out.count(": not moved: ") == 1 and out.endswith("1 sessions moved, 1 left\n")
    with moving.store() as store:
        assert list(store.sessions()) == moving.sessions[1:]
    assert left(contents(moving.old)) == left(damaged)[:1]


@pytest.mark.parametrize("name", ["222222222222222_7:1", "222222222222222:", "x:1", "", "222222222222222:1:2"])
def test_strange_names(moving: Moving, capsys: Capture, name: str) -> None:
    # A session would come under another device's name.
    change(moving.old, name=name or " ")
    assert moving("in") == 1
    assert capsys.readouterr().out.count(": not moved: ") == 1
    with moving.store() as store:
        assert list(store.sessions()) == moving.sessions[1:]


def left(storage: dict[str, Any]) -> list[Any]:
    """The sessions in a storage, by their names."""
    rows = storage.get("whatsmeow_sessions")
    if rows is not None:
        return sorted(rows)
    sessions = storage.get("sessions")
    return sorted((sessions or {name: it for name, it in storage.items() if name.startswith("session-")}).items())


def test_no_account(moving: Moving, capsys: Capture) -> None:
    # A wrong file would end in a traceback, or in a store without an account.
    if moving.old.is_dir():
        (moving.old / "creds.json").write_text('{"registrationId": 7}')
    else:
        moving.old.write_text('{"registration_id": 7}')
    with pytest.raises(SystemExit) as ended:
        moving("in")
    assert ended.value.code not in (0, None)
    assert f"{moving.old}" in f"{capsys.readouterr().err}{ended.value}"
    with moving.store() as store, pytest.raises(callkey.NoIdentityError):
        _ = store.identity


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
    assert scripts == {script for _, script in STORAGES.values()}
    assert all(script in sys.modules for script in scripts)
