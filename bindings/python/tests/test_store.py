"""Stores, prekeys, sessions, and a key from one store to the other."""

from __future__ import annotations

import dataclasses
import pickle
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import CALLER, DESKTOP, IDENTIFIED, PHONE, Pair, collect

import callkey
from callkey import CallKey, EncType, PrekeyBundle, Store

KEY = bytes(range(32, 64))
ALICE, BOB = "111111111111111:0@lid", "222222222222222:0@lid"
PRIVATE = bytes([8] + [1] * 30 + [64])  # an X25519 scalar, clamped

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


def test_must_exist(tmp_path: Path) -> None:
    # Row 31: an account whose file was lost would go on as a stranger to all its peers.
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
    # The key before would go on opening the file.
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
            assert other.stdout is not None and other.stdout.readline() == b"held\n"
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


def test_imported() -> None:
    # An account could not move here from another program.
    with Store.open(identity=False) as store:
        with pytest.raises(callkey.NoIdentityError) as caught:
            _ = store.identity
        assert isinstance(caught.value, LookupError)
        store.import_identity(PRIVATE, 1234)
        store.import_identity(PRIVATE, 1234)
        assert store.identity.registration_id == 1234
        with pytest.raises(callkey.ConflictError):
            store.import_identity(bytes([16]) + PRIVATE[1:], 1234)
        store.import_signed_prekey(7, PRIVATE)
        store.import_prekey(9, PRIVATE)
        bundle = store.take_bundle()
        assert (bundle.registration_id, bundle.signed_prekey_id) == (1234, 7)
        assert bundle.signed_prekey == bundle.identity_key == store.identity.public_key
        assert bundle.prekey_id not in (0, 9)  # an imported one was published elsewhere
        assert (store.prekeys_left(), store.unpublished()) == (1, [])
        with Store.open() as caller:
            caller.session(PHONE).begin(dataclasses.replace(bundle, prekey_id=9, prekey=bundle.identity_key))
            with CallKey.generate() as key:
                enc = caller.seal_enc(PHONE, key)
                assert store.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
        assert store.prekeys_left() == 0
        for size in (31, 33):
            with pytest.raises(callkey.ArgumentError):
                store.import_prekey(10, bytes(size))
        for number in (0, 1 << 24, -1, 1 << 32):
            with pytest.raises(callkey.ArgumentError):
                store.import_prekey(number, PRIVATE)


def test_prekeys() -> None:
    # Row 29: a prekey would be in two hands, or more made than asked for.
    with Store.open() as store:
        signed = store.rotate_signed_prekey()
        made = store.add_prekeys(3)
        assert store.add_prekeys(0) == []
        for n in (-1, 4097, 65537, 1 << 40):
            with pytest.raises(callkey.ArgumentError):
                store.add_prekeys(n)
        bundles = [store.take_bundle() for _ in range(4)]
        assert len({p.id for p in made} | {b.prekey_id for b in bundles}) == 7
        assert len({p.public_key for p in made} | {b.prekey for b in bundles}) == 7
        assert {(b.signed_prekey_id, b.signed_prekey) for b in bundles} == {(signed.id, signed.public_key)}


def test_published(tmp_path: Path) -> None:
    # Row 29: after a crash prekeys would never be uploaded, or be uploaded twice.
    path = tmp_path / "store"
    with Store.open(path, storage_key=KEY) as store:
        assert (store.unpublished(), store.prekeys_left()) == ([], 0)
        made = store.add_prekeys(3)
    with Store.open(path, storage_key=KEY) as store:
        assert (store.unpublished(), store.prekeys_left()) == (made, 0)
        store.published(p.id for p in made[:2])
        for ids, error in {
            (made[2].id, 9_999_999): callkey.NotFoundError,
            (made[2].id, store.take_bundle().prekey_id): callkey.NotFoundError,
            (made[2].id, 0): callkey.ArgumentError,
            (made[2].id, 1 << 24): callkey.ArgumentError,
            (made[2].id, 1 << 32): callkey.ArgumentError,
            (made[2].id, -1): callkey.ArgumentError,
            (made[2].id,) * 4097: callkey.ArgumentError,
        }.items():
            with pytest.raises(error):
                store.published(ids)
        with pytest.raises(TypeError):
            store.published(["1"])  # type: ignore[list-item]
        assert (store.unpublished(), store.prekeys_left()) == (made[2:], 2)
        for _ in range(2):
            store.published([p.id for p in made])
        store.published([])
        assert (store.unpublished(), store.prekeys_left()) == ([], 3)


def test_signed_prekey() -> None:
    # The server would have another signed prekey than the app, and nobody could call it.
    with Store.open() as store:
        with pytest.raises(callkey.NotFoundError):
            store.signed_prekey()
        bundle = store.take_bundle()
        used, since = store.signed_prekey()
        assert (used.id, used.public_key) == (bundle.signed_prekey_id, bundle.signed_prekey)
        assert abs(since - time.time()) < 60
        made = store.rotate_signed_prekey()
        used, since = store.signed_prekey()
        assert (
            (used.id, used.public_key) == (made.id, made.public_key) != (bundle.signed_prekey_id, bundle.signed_prekey)
        )


def test_bundle_travels(pair: Pair) -> None:
    # A bundle would not survive its way to the caller.
    for bundle in (pair.phone.take_bundle(), dataclasses.replace(pair.phone.take_bundle(), prekey_id=0, prekey=b"")):
        assert PrekeyBundle.from_bytes(bundle.to_bytes()) == bundle
        assert PrekeyBundle.from_dict(bundle.to_dict()) == bundle
    whole = pair.phone.take_bundle().to_bytes()
    for cut in range(len(whole)):
        with pytest.raises(callkey.MalformedError):
            PrekeyBundle.from_bytes(whole[:cut])
    for broken in (b"[]", b"7", b"{}", b"[" * 100_000, whole.replace(b'"signed_prekey_id":', b'"signed_prekey_id":-')):
        with pytest.raises(callkey.MalformedError):
            PrekeyBundle.from_bytes(broken)


@pytest.mark.parametrize("member", ["identity_key", "prekey", "signed_prekey", "signed_prekey_signature"])
def test_bad_bundle(pair: Pair, member: str) -> None:
    # A session would begin with somebody who is not the device, or with a key everybody can compute.
    bundle = pair.phone.take_bundle()
    good = getattr(bundle, member)

    def bundle_with(value: bytes) -> PrekeyBundle:
        return PrekeyBundle.from_dict({**bundle.to_dict(), member: value.hex()})

    for bad in (bytes(len(good)), bytes(len(good) - 1) + b"\xff"):
        with pytest.raises(callkey.InvalidKeyError):
            pair.caller.session(DESKTOP).begin(bundle_with(bad))
    with pytest.raises(callkey.MalformedError):
        bundle_with(good[:-1])
    assert not pair.caller.session(DESKTOP).exists()
    pair.caller.session(DESKTOP).begin(bundle)


def test_both_ways(pair: Pair, key: CallKey) -> None:
    # A key would not arrive, or a session would stay on pkmsg for ever.
    first = pair.caller.seal_enc(PHONE, key)
    assert first.enc_type is EncType.PKMSG
    assert first.jid == PHONE
    assert pair.phone.open_enc(CALLER, first.enc_type, first.ciphertext) == key
    back = pair.phone.seal_enc(CALLER, key)
    assert back.enc_type is EncType.MSG
    assert pair.caller.open_enc(PHONE, back.enc_type, bytearray(back.ciphertext)) == key
    assert pair.caller.seal_enc(PHONE, key).enc_type is EncType.MSG


def test_refused(pair: Pair, key: CallKey) -> None:
    # A replayed, changed or foreign message would be taken, or would break the session for the next one.
    enc = pair.caller.seal_enc(PHONE, key)
    broken = bytearray(enc.ciphertext)
    broken[len(broken) // 2] ^= 1
    with pytest.raises(callkey.CallKeyError):
        pair.phone.open_enc(CALLER, enc.enc_type, broken)
    for version in (0, 1, 4):
        with pytest.raises(callkey.UnsupportedError):
            pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext, version=version)
    for enc_type in (0, 3, (1 << 32) - 1):
        with pytest.raises(callkey.UnsupportedError):
            pair.phone.open_enc(CALLER, enc_type, enc.ciphertext)  # type: ignore[arg-type]
    for enc_type in (-1, 1 << 32):
        with pytest.raises(callkey.ArgumentError):
            pair.phone.open_enc(CALLER, enc_type, enc.ciphertext)  # type: ignore[arg-type]
    with pytest.raises(callkey.MalformedError):
        pair.phone.open_enc(CALLER, enc.enc_type, b"")
    assert pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
    with pytest.raises(callkey.DuplicateError):
        pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext)
    with pytest.raises(callkey.NoSessionError) as caught:
        pair.phone.seal_enc(DESKTOP, key)
    assert isinstance(caught.value, LookupError)
    with pytest.raises(callkey.ArgumentError):
        pair.caller.seal_enc("no jid", key)


def test_only_a_call_key(pair: Pair, key: CallKey) -> None:
    # Bytes of any origin, or a wiped key, would be sent as the key of a call.
    for wrong in (key.reveal(), key.warp_auth_key(), None):
        with pytest.raises(TypeError):
            pair.caller.seal_enc(PHONE, wrong)  # type: ignore[arg-type]
    wiped = CallKey.generate()
    wiped.wipe()
    with pytest.raises(ValueError, match="was wiped"):
        pair.caller.seal_enc(PHONE, wiped)


def test_session_moves(pair: Pair, key: CallKey) -> None:
    # A session could not move to another program, or its record would be taken broken.
    pair.acknowledge()
    session = pair.caller.session(PHONE)
    record = session.export()
    session.remove()
    assert not session.exists()
    with pytest.raises(callkey.NoSessionError):
        session.export()
    with pytest.raises(callkey.MalformedError):
        session.restore(record.reveal()[:-1])
    session.restore(record)
    enc = pair.caller.seal_enc(PHONE, key)
    assert enc.enc_type is EncType.MSG
    assert pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
    session.restore(callkey.SessionRecord.from_bytes(record.reveal()))


def test_changed_identity(pair: Pair) -> None:
    # Somebody else's device would take the callee's place without a word.
    with pytest.raises(callkey.NotFoundError):
        pair.caller.identity_of(DESKTOP)
    assert pair.caller.identity_of(PHONE) == pair.phone.identity.public_key
    with Store.open() as other:
        other.rotate_signed_prekey()
        bundle = other.take_bundle()
        with pytest.raises(callkey.UntrustedIdentityError):
            pair.caller.session(PHONE).begin(bundle)
        with pytest.raises(callkey.ArgumentError):
            pair.caller.trust(PHONE, bundle.identity_key[:-1])
        with pytest.raises(callkey.InvalidKeyError):
            pair.caller.trust(PHONE, bytes(32))
        pair.caller.trust(PHONE, bundle.identity_key)
        assert pair.caller.identity_of(PHONE) == other.identity.public_key
        pair.caller.session(PHONE).begin(bundle)


def test_installed_anew(pair: Pair, key: CallKey) -> None:
    # A device that was installed anew would silence the others, or get calls unasked.
    untrusted = callkey.UntrustedIdentityError
    pair.acknowledge()
    with Store.open() as desktop, Store.open() as anew:
        desktop.rotate_signed_prekey()
        pair.caller.session(DESKTOP).begin(desktop.take_bundle())
        anew.rotate_signed_prekey()
        anew.session(CALLER).begin(pair.caller.take_bundle())
        first = anew.seal_enc(CALLER, key)
        before = pair.caller.session(DESKTOP).export().reveal()
        with pytest.raises(untrusted):
            pair.caller.session(DESKTOP).begin(anew.take_bundle())
        with pytest.raises(untrusted):
            pair.caller.open_enc(DESKTOP, first.enc_type, first.ciphertext)
        assert pair.caller.identity_of(DESKTOP) == desktop.identity.public_key
        pair.caller.trust(DESKTOP, anew.identity.public_key)
        with pytest.raises(untrusted):
            pair.caller.seal_enc(DESKTOP, key)
        offer = pair.caller.seal_offer(key, [DESKTOP, PHONE])
        assert [result.status for result in offer.results] == [untrusted.status, 0]
        assert pair.phone.open_offer(offer.wire, own=[PHONE], sender=CALLER)[0] == key
        assert pair.caller.session(DESKTOP).export().reveal() == before
        assert pair.caller.open_enc(DESKTOP, first.enc_type, first.ciphertext) == key
        offer = pair.caller.seal_offer(key, [DESKTOP, PHONE])
        assert anew.open_offer(offer.wire, own=[DESKTOP], sender=CALLER)[0] == key


def test_redelivered(tmp_path: Path, key: CallKey) -> None:
    # An offer that the server delivers again would look like an attack, or like a new call.
    phone = Store.open(tmp_path / "a.db", storage_key=KEY)
    phone.rotate_signed_prekey()
    with Store.open() as caller:
        caller.session(PHONE).begin(phone.take_bundle())
        for kind in (EncType.PKMSG, EncType.MSG):
            offer = caller.seal_offer(key, [PHONE], IDENTIFIED)
            opened, info = phone.open_offer(offer.wire, own=[PHONE])
            assert (opened, info.enc_type, info.call_id, info.sender) == (key, kind, "AB12", CALLER)
            for _ in ("before a restart", "after it"):
                with pytest.raises(callkey.DuplicateError) as caught:
                    phone.open_offer(offer.wire, own=[PHONE])
                assert caught.value.info == info
                phone.close()
                phone = Store.open(tmp_path / "a.db", storage_key=KEY)
            back = phone.seal_enc(CALLER, key)
            assert caller.open_enc(PHONE, back.enc_type, back.ciphertext) == key
    phone.close()


def test_alias(pair: Pair) -> None:
    # One device under two names would have two sessions.
    number = "15550001111@s.whatsapp.net"
    assert not pair.caller.session(number).exists()
    pair.caller.alias(number, PHONE)
    assert pair.caller.session(number).exists()
    assert pair.caller.identity_of(number) == pair.caller.identity_of(PHONE)
    pair.caller.unalias(number)
    assert not pair.caller.session(number).exists()
    assert pair.caller.session(PHONE).exists()
    pair.caller.unalias(number)


def test_number_changes_its_owner(pair: Pair, key: CallKey) -> None:
    # Row 24: a call to the number would reach the device that had it before.
    number, old, new = "15550001111@s.whatsapp.net", PHONE, "888:0@lid"
    with Store.open() as owner:
        pair.caller.alias(number, old)
        pair.caller.alias(number, new)
        assert pair.caller.session(old).exists()
        assert not pair.caller.session(number).exists()
        pair.caller.session(number).begin(owner.take_bundle())
        enc = pair.caller.seal_enc(number, key)
        assert owner.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
        with pytest.raises(callkey.CallKeyError):
            pair.phone.open_enc(CALLER, enc.enc_type, enc.ciphertext)
        with pytest.raises(callkey.ConflictError):
            pair.caller.alias(new, number)
        assert pair.caller.session(new).exists()


def test_first_message_opens_once(key: CallKey) -> None:
    # Row 27: without a one-time prekey it opened under every name that its sender was given.
    with Store.open() as callee, Store.open() as caller:
        caller.session(PHONE).begin(dataclasses.replace(callee.take_bundle(), prekey_id=0, prekey=b""))
        enc = caller.seal_enc(PHONE, key)
        assert callee.open_enc(CALLER, enc.enc_type, enc.ciphertext) == key
        for name in (CALLER, "15550001111@s.whatsapp.net", "999:3@lid"):
            with pytest.raises(callkey.DuplicateError):
                callee.open_enc(name, enc.enc_type, enc.ciphertext)
        callee.session(CALLER).remove()
        with pytest.raises(callkey.DuplicateError):
            callee.open_enc(CALLER, enc.enc_type, enc.ciphertext)
