"""Stores: their files, keys and processes."""

from __future__ import annotations

import errno
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CALLER, DESKTOP, PHONE, Pair, collect

import callkey
from callkey import CallKey, Store

KEY = bytes(range(32, 64))
ALICE, BOB = "111111111111111:0@lid", "222222222222222:0@lid"

# Holds a store's write lock until its input ends.
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_reopened(tmp_path: Path, key: CallKey) -> None:
    # An account would lose its identity and its sessions with the process.
    with Store.open(tmp_path / "a.db", storage_key=KEY) as store, Store.open() as phone:
        identity = store.identity
        phone.rotate_signed_prekey()
        store.session(PHONE).begin(phone.take_bundle())
        first = store.seal_enc(PHONE, key)
        assert phone.open_enc(CALLER, first.enc_type, first.ciphertext) == key
    with Store.open(str(tmp_path / "a.db"), storage_key=bytearray(KEY)) as store:
        assert store.identity == identity
        assert store.session(PHONE).exists()
        assert not store.session(DESKTOP).exists()


def test_storage_key(tmp_path: Path) -> None:
    # A store would open for anyone, or be written in the clear unasked.
    path = tmp_path / "a.db"
    with pytest.raises(callkey.StoreKeyError) as caught:
        Store.open(path)
    assert isinstance(caught.value, PermissionError)
    Store.open(path, storage_key=KEY).close()
    with pytest.raises(callkey.StoreKeyError):
        Store.open(path, storage_key=bytes(32))
    with pytest.raises(callkey.StoreKeyError):
        Store.open(path, plaintext=True)
    for size in (0, 31, 33):
        with pytest.raises((callkey.KeyLengthError, callkey.StoreKeyError)):
            Store.open(path, storage_key=bytes(size))
    with pytest.raises(callkey.ArgumentError):
        Store.open(path, storage_key=KEY, plaintext=True)
    Store.open(path, storage_key=KEY).close()
    with Store.open(tmp_path / "open.db", plaintext=True) as store:
        assert store.identity.registration_id > 0


def test_not_a_store(tmp_path: Path) -> None:
    # A wrong file would be overwritten, or crash us.
    path = tmp_path / "note.txt"
    path.write_bytes(b"not a store at all, but longer than a header of SQLite would have to be, by far" * 20)
    before = path.read_bytes()
    with pytest.raises(callkey.StoreCorruptError) as caught:
        Store.open(path, storage_key=KEY)
    assert isinstance(caught.value, OSError)
    assert path.read_bytes() == before
    with pytest.raises(callkey.StoreError):
        Store.open(tmp_path / "no such folder" / "a.db", storage_key=KEY)
    with pytest.raises(callkey.ArgumentError):
        Store.open("a\0b", storage_key=KEY)
    with pytest.raises(callkey.ArgumentError):
        Store.open("", storage_key=KEY)


def test_errors_name_the_file(tmp_path: Path) -> None:
    # An app with many accounts would not know which file is damaged or locked.
    def told(use: Callable[[], object]) -> tuple[type[OSError], object, object]:
        with pytest.raises(OSError) as caught:
            use()
        error = caught.value
        again = pickle.loads(pickle.dumps(error))
        assert (again.filename, again.filename2, str(again)) == (error.filename, error.filename2, str(error))
        assert again.errno == error.errno
        assert isinstance(error, callkey.CallKeyError) and "Errno" not in str(error)
        return type(error), error.filename, error.filename2

    path, nowhere = tmp_path / "a.db", tmp_path / "no such folder" / "b.db"
    assert told(lambda: Store.open(nowhere, storage_key=KEY)) == (callkey.StoreError, str(nowhere), None)
    with Store.open(path, storage_key=KEY, busy_ms=1) as store, Store.open() as peer:
        store.session(BOB).begin(peer.take_bundle())
        assert told(lambda: Store.open(str(path))) == (callkey.StoreKeyError, str(path), None)
        assert told(lambda: store.copy(nowhere)) == (callkey.StoreError, str(path), str(nowhere))
        holder = [sys.executable, "-c", HOLD, str(path)]
        with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None and other.stdout.readline().strip() == b"held"
            for use in (store.take_bundle, lambda: store.seal_enc(BOB, CallKey.generate()), store.session(BOB).remove):
                assert told(use) == (callkey.BusyError, str(path), None)
        path.rename(tmp_path / "moved.db")
        assert told(store.session(BOB).export) == (callkey.StoreError, str(path), None)
    path.write_bytes(b"no store" * 1000)
    assert told(lambda: Store.open(path, storage_key=KEY)) == (callkey.StoreCorruptError, str(path), None)


def test_errors_have_the_reason_of_the_system(tmp_path: Path) -> None:
    # An app could not tell a full disk from a wrong path.
    def reason(use: Callable[[], object]) -> int | None:
        with pytest.raises(OSError) as caught:
            use()
        return caught.value.errno

    path = tmp_path / "a.db"
    assert reason(lambda: Store.open(tmp_path / "no such folder" / "b.db", storage_key=KEY)) == errno.ENOENT
    with Store.open(path, storage_key=KEY) as store:
        assert reason(lambda: store.copy(tmp_path / "no such folder" / "b.db")) == errno.ENOENT
        assert reason(lambda: Store.open(path)) is None  # a wrong key is no failure of the system
    assert reason(lambda: Store.open(tmp_path, storage_key=KEY)) in (None, errno.EISDIR)
    long = tmp_path / ("x" * 300)
    too_long = errno.ENOENT if sys.platform == "win32" else errno.ENAMETOOLONG
    assert reason(lambda: Store.open(long, storage_key=KEY)) == too_long


def test_must_exist(tmp_path: Path) -> None:
    # Row 31: an account with a lost file would silently become a stranger to all its peers.
    path = tmp_path / "a.db"
    with pytest.raises(callkey.NotFoundError) as caught:
        Store.open(path, storage_key=KEY, must_exist=True)
    assert isinstance(caught.value, LookupError)
    assert list(tmp_path.iterdir()) == []
    with Store.open(path, storage_key=KEY) as store:
        made = store.identity
    with Store.open(path, storage_key=KEY, must_exist=True) as store:
        assert store.identity == made


def test_copy_and_restored(tmp_path: Path) -> None:
    # A restored backup would seal with keys that the original used since.
    with Store.open(tmp_path / "a.db", storage_key=KEY) as store, Store.open() as peer:
        store.session(BOB).begin(peer.take_bundle())
        store.copy(tmp_path / "copy.db")
        with pytest.raises(callkey.ConflictError):
            store.copy(tmp_path / "copy.db")
        with pytest.raises(callkey.ArgumentError):
            peer.copy(tmp_path / "memory.db")
        with Store.open(tmp_path / "copy.db", storage_key=KEY, restored=True) as copy:
            assert copy.identity == store.identity
            assert not copy.session(BOB).exists()
            with CallKey.generate() as key:
                with pytest.raises(callkey.NoSessionError):
                    copy.seal_enc(BOB, key)
                copy.session(BOB).begin(peer.take_bundle())
                enc = copy.seal_enc(BOB, key)
                with peer.open_enc(ALICE, enc.enc_type, enc.ciphertext) as opened:
                    assert opened == key
    with pytest.raises(callkey.NotFoundError):
        Store.open(tmp_path / "none.db", storage_key=KEY, restored=True)


def test_change_key(tmp_path: Path) -> None:
    # The old key would still open the file.
    path = tmp_path / "a.db"
    fresh = bytes(range(1, 33))
    with Store.open(path, storage_key=KEY) as store:
        made = store.identity
        with pytest.raises(callkey.KeyLengthError):
            store.change_key(fresh[:31])
        store.change_key(bytearray(fresh))
        assert store.identity == made
    with pytest.raises(callkey.StoreKeyError):
        Store.open(path, storage_key=KEY)
    with Store.open(path, storage_key=fresh) as store:
        assert store.identity == made


def test_keep_opened(tmp_path: Path) -> None:
    # Row 47: an app killed between our commit and its own lost the key.
    path = tmp_path / "a.db"
    with Store.open() as peer, CallKey.generate() as key:
        with Store.open(path, storage_key=KEY, keep_opened=True) as store:
            peer.session(ALICE).begin(store.take_bundle())
            enc = peer.seal_enc(ALICE, key)
            store.open_enc(BOB, enc.enc_type, enc.ciphertext).wipe()
        with Store.open(path, storage_key=KEY, keep_opened=True) as store:
            with store.open_enc(BOB, enc.enc_type, enc.ciphertext) as opened:
                assert opened == key
            store.message_done(BOB, enc.ciphertext)
            store.message_done(BOB, enc.ciphertext)
            with pytest.raises(callkey.DuplicateError):
                store.open_enc(BOB, enc.enc_type, enc.ciphertext)


def test_busy(tmp_path: Path) -> None:
    # An app that waits for another process longer than it said misses its call.
    path = tmp_path / "a.db"
    with Store.open(path, storage_key=KEY, busy_ms=1) as store:
        holder = [sys.executable, "-c", HOLD, str(path)]
        with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None and other.stdout.readline().strip() == b"held"
            with pytest.raises(callkey.BusyError) as caught:
                store.rotate_signed_prekey()
            assert isinstance(caught.value, TimeoutError)
        assert store.rotate_signed_prekey().id == 1
        for wrong in (-1, 1 << 32):
            with pytest.raises(callkey.ArgumentError):
                Store.open(path, storage_key=KEY, busy_ms=wrong)


def test_second_sqlite(tmp_path: Path) -> None:
    # Row 46: a look at an open store's file takes its locks away. Another process removed the log
    # then, both went on, and the peer got two messages with one key.
    path = tmp_path / "a.db"
    peer = "222222222222222:0@lid"
    with Store.open() as phone, Store.open(path, storage_key=KEY) as store:
        phone.add_prekeys(1)
        store.session(peer).begin(phone.take_bundle())
        looker = sqlite3.connect(path)
        assert looker.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] > 0
        looker.close()
        for _ in range(2):
            with pytest.raises(callkey.StoreError, match="second SQLite"):
                store.seal_enc(peer, CallKey.generate())
        code = "import callkey, sys; callkey.Store.open(sys.argv[1], storage_key=bytes(range(32, 64)), must_exist=True)"
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
    with Store.open(path, storage_key=KEY, must_exist=True) as store:
        assert store.session(peer).exists()


def test_closed() -> None:
    # A closed store's number would reach another store, or close twice would fail.
    store = Store.open()
    assert not store.closed
    store.close()
    store.close()
    assert store.closed
    assert repr(store) == "<callkey.Store: closed>"
    session = store.session(PHONE)
    uses = [lambda: store.identity, store.take_bundle, session.exists, session.export, session.remove, store.__enter__]
    uses += [store.unpublished, lambda: store.published([1]), store.prekeys_left, store.signed_prekey]
    for use in uses:
        with pytest.raises(callkey.HandleError):
            use()


def test_unclosed_warns() -> None:
    # A store that was forgotten would keep its file and secrets open without a word.
    store = Store.open()
    handle = store._handle
    with pytest.warns(ResourceWarning, match="unclosed <callkey.Store: in memory>"):
        del store
        collect()
    from callkey._library import library

    assert library().callkey_store_close(handle) == callkey.HandleError.status


def test_not_pickled(pair: Pair) -> None:
    # The copy would be a number that means nothing, or another store, in another process.
    with pytest.raises(TypeError, match="open its file again"):
        pickle.dumps(pair.caller)
