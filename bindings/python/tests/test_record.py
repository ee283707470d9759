"""Sessions that a program keeps in a database of its own."""

from __future__ import annotations

import copy
import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import CALLER, COUNTING, PHONE, Pair
from kept import NOW, Device, changed, met

import callkey
from callkey import CallKey, EncType, Record, Store


def test_both_directions() -> None:
    # Two servers with their own databases could not call each other.
    caller, callee = met()
    for i in range(10):
        ciphertext = caller.seal(b"call %d" % i)
        assert ciphertext.enc_type == (EncType.PKMSG if i == 0 else EncType.MSG)
        assert callee.open(ciphertext) == b"call %d" % i
        assert caller.open(callee.seal(b"answer")) == b"answer"
    assert callee.trusted == caller.account.identity.public_key
    assert not callee.prekeys


def test_with_a_store() -> None:
    # A server that keeps records could not call an app that uses a store, or the other way round.
    server = Device()
    with Store.open() as app, CallKey.generate() as key:
        app.session(PHONE).begin(server.publish(5))
        enc = app.seal_enc(PHONE, key)
        with callkey.plaintext_decode(server.open(callkey.Ciphertext(enc.enc_type, enc.ciphertext))) as got:
            assert got == key
        with key.plaintext() as plaintext:
            ciphertext, server.record = server.record.seal(plaintext, identity=server.trusted)
        with app.open_enc(PHONE, *ciphertext) as got:
            assert got == key


def test_a_record_never_changes() -> None:
    # A program that rolls its transaction back would have lost the session.
    caller, callee = met()
    before, empty = caller.record.reveal(), callee.record.reveal()
    first = caller.record.seal(b"1", identity=caller.trusted, now=NOW)
    again = caller.record.seal(b"2", identity=caller.trusted, now=NOW)
    assert caller.record.reveal() == before
    for sealed in (first, again):
        assert callee.look(sealed.ciphertext).plaintext.reveal() in (b"1", b"2")
    assert callee.record.reveal() == empty == b""


def test_two_threads_on_one_record() -> None:
    # A worker would get another one's message.
    caller, callee = met()
    with ThreadPoolExecutor(4) as pool:
        texts = [b"%d" % i for i in range(64)]
        sealed = list(pool.map(lambda text: caller.record.seal(text, identity=caller.trusted, now=NOW), texts))
        opened = list(pool.map(lambda s: callee.look(s.ciphertext).plaintext.reveal(), sealed))
    assert opened == texts


def test_errors_change_nothing() -> None:
    # A program would take a wrong way out, or go on with a session that is lost.
    caller, callee = met()
    first = caller.seal(b"first")
    with pytest.raises(callkey.AuthenticationError):
        callee.look(changed(first))
    for lost, error in (
        ("prekeys", callkey.NoPrekeyError),
        ("signed_prekeys", callkey.NoPrekeyError),
        ("account", callkey.NoIdentityError),
    ):
        without = copy.copy(callee)
        setattr(without, lost, None if lost == "account" else {})
        with pytest.raises(error):
            without.look(first)
    with pytest.raises(callkey.UntrustedIdentityError) as presented:
        other = copy.copy(callee)
        other.trusted = callee.account.identity.public_key
        other.look(first)
    assert presented.value.identity_key == caller.account.identity.public_key
    with pytest.raises(callkey.UntrustedIdentityError) as presented:
        caller.record.begin(Device().publish(), account=caller.account, identity=caller.trusted)
    assert presented.value.identity_key not in (None, caller.trusted)
    with pytest.raises(callkey.NoSessionError):
        Record.from_bytes(b"").seal(b"", identity=caller.trusted)
    with pytest.raises(callkey.UntrustedIdentityError) as presented:
        caller.record.seal(b"", identity=None)
    assert presented.value.identity_key == caller.trusted
    with pytest.raises(callkey.NoSessionError):
        caller.record.seal(b"", identity=caller.trusted, now=NOW + 31 * 24 * 3600)
    with pytest.raises(callkey.ArgumentError, match="now"):
        caller.record.seal(b"", identity=caller.trusted, now=NOW * 1000)
    with pytest.raises(callkey.ArgumentError, match="identity"):
        caller.record.seal(b"", identity=b"short")
    with pytest.raises(callkey.MalformedError):
        Record.from_bytes(b"\x0a\x7fcut off").seal(b"", identity=caller.trusted)
    assert callee.open(first) == b"first"
    with pytest.raises(callkey.DuplicateError):
        callee.look(first)
    answer = callee.seal(b"answer")
    with pytest.raises(callkey.UntrustedIdentityError):
        caller.record.open(*answer, identity=None, now=NOW)


def test_many_skipped_messages() -> None:
    # The output would be too small for the keys that are kept, or the call would fail for good.
    caller, callee = met()
    callee.open(caller.seal(b""))
    caller.open(callee.seal(b""))
    late = caller.seal(b"late")
    for _ in range(1500):
        caller.seal(b"")
    assert callee.open(caller.seal(b"last")) == b"last"
    assert callee.record.info(identity=callee.trusted, now=NOW).kept_keys == 1501
    assert callee.open(late) == b"late"


def test_large_message() -> None:
    # An app could not send a picture in the session.
    caller, callee = met()
    text = os.urandom(3 << 20)
    assert callee.open(caller.seal(text)) == text
    with pytest.raises(callkey.ArgumentError):
        caller.seal(bytes((1 << 24) + 1))


def test_info() -> None:
    # An operator could not tell a session that waits from one that works.
    caller, callee = met()
    info = caller.record.info(identity=caller.trusted, now=NOW)
    assert info.can_seal and info.unacknowledged and info.begun == NOW and not info.stale
    assert info.identity_key == callee.account.identity.public_key
    assert not caller.record.info(identity=None, now=NOW).can_seal
    with pytest.raises(callkey.NoSessionError):
        callee.record.info(identity=None)


def test_merge(pair: Pair) -> None:
    # A message key would be used twice, or a taken-over session would not open.
    caller, callee = met()
    callee.open(caller.seal(b""))
    old = callee.record
    callee.open(caller.seal(b""))
    assert old.merge(callee.record) == callee.record == callee.record.merge(old)
    with pytest.raises(callkey.ConflictError):
        old.merge(caller.record)
    with CallKey.generate() as key:
        record = pair.caller.session(PHONE).export().merge(Record.from_bytes(b""))
        with key.plaintext() as plaintext:
            ciphertext, _ = record.seal(plaintext, identity=pair.phone.identity.public_key)
        assert pair.phone.open_enc(CALLER, *ciphertext) == key


def test_it_is_secret() -> None:
    # The chain keys would be in a log or in a pickle.
    caller, _ = met()
    assert repr(caller.record) == f"<Record: {len(caller.record)} secret bytes>"
    with pytest.raises(TypeError):
        pickle.dumps(caller.record)
    with caller.record as record:
        pass
    assert record.wiped and not any(record._buffer)
    with pytest.raises(ValueError, match="wiped"):
        record.seal(COUNTING, identity=caller.trusted)
