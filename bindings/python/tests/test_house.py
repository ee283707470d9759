"""Lists of what a store holds, and its removal."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import CALLER, DESKTOP, PHONE, Pair

import callkey
from callkey import CallKey, EncType, Store

KEY = bytes(range(32, 64))
USER, NUMBER = "222222222222222@lid", "15550001111@s.whatsapp.net"


def meet(store: Store, *jids: str) -> None:
    with Store.open() as other:
        for jid in jids:
            store.session(jid).begin(other.take_bundle())


def test_lists(tmp_path: Path) -> None:
    # An app could not show or clean up what it keeps about others.
    path = tmp_path / "a.db"
    for store in (Store.open(), Store.open(path, storage_key=KEY), Store.open(tmp_path / "b.db", plaintext=True)):
        with store:
            for empty in (store.sessions(), store.identities(), store.aliases(), store.sessions(USER)):
                assert list(empty) == []
            meet(store, PHONE, DESKTOP, "333@lid")
            store.alias(NUMBER, PHONE)
            for listed in (store.sessions, store.identities):
                assert sorted(listed()) == sorted([PHONE, DESKTOP, "333:0@lid"])
                assert sorted(listed(USER)) == sorted([PHONE, DESKTOP])
                assert list(listed(NUMBER)) == [PHONE]
            for aliases in (store.aliases(), store.aliases(USER), store.aliases(NUMBER)):
                assert list(aliases) == ["15550001111@s.whatsapp.net"]
            assert list(store.aliases("333@lid")) == []
            for user in (PHONE, "no jid", "", "1@g.us"):
                with pytest.raises(callkey.ArgumentError):
                    next(store.sessions(user))
            # It may change while it is read.
            seen = []
            for jid in store.sessions():
                seen.append(jid)
                store.session(jid).remove()
            assert sorted(seen) == sorted([PHONE, DESKTOP, "333:0@lid"])
            assert list(store.sessions()) == []
        with pytest.raises(callkey.HandleError):
            next(store.sessions())


def test_remove_user(pair: Pair, key: CallKey) -> None:
    # A user who asked to be forgotten would still be in the store, or a reinstalled device would never be met anew.
    pair.acknowledge()
    pair.phone.alias(NUMBER, CALLER)
    meet(pair.phone, "333@lid")
    for wrong in (CALLER, "no jid", ""):
        with pytest.raises(callkey.ArgumentError):
            pair.phone.remove_user(wrong)
    pair.phone.remove_user("111111111111111@lid")
    assert list(pair.phone.sessions()) == list(pair.phone.identities()) == ["333:0@lid"]
    assert list(pair.phone.aliases()) == []
    pair.phone.remove_user("111111111111111@lid")
    with pytest.raises(callkey.NoSessionError):
        pair.phone.seal_enc(CALLER, key)
    with Store.open() as anew:  # another identity under the same JID
        anew.session(PHONE).begin(pair.phone.take_bundle())
        first = anew.seal_enc(PHONE, key)
        assert pair.phone.open_enc(CALLER, first.enc_type, first.ciphertext) == key


def test_remove_identity(pair: Pair, key: CallKey) -> None:
    # A key would be sealed for an identity that the app gave up.
    assert list(pair.caller.identities()) == [PHONE]
    pair.caller.remove_identity(PHONE)
    pair.caller.remove_identity(PHONE)
    assert list(pair.caller.identities()) == []
    with pytest.raises(callkey.UntrustedIdentityError):
        pair.caller.seal_enc(PHONE, key)
    assert not pair.caller.session_info(PHONE).can_seal
    pair.caller.session(PHONE).begin(pair.phone.take_bundle())
    assert pair.caller.seal_enc(PHONE, key).enc_type is EncType.PKMSG


def test_session_info(pair: Pair) -> None:
    # An operator could not tell a session that waits for its answer from one that works.
    info = pair.caller.session_info(PHONE)
    assert info.identity_key == pair.phone.identity.public_key
    assert info.registration_id == pair.phone.identity.registration_id
    assert info.can_seal and info.unacknowledged and not info.stale and info.begun > 0
    pair.acknowledge()
    info = pair.caller.session_info(PHONE)
    assert info.can_seal and not info.unacknowledged and info.begun == 0
    assert (info.archived, info.kept_keys) == (0, 0)
    pair.caller.session(PHONE).begin(pair.phone.take_bundle())
    assert pair.caller.session_info(PHONE).archived == 1
    with pytest.raises(callkey.NoSessionError):
        pair.caller.session_info(DESKTOP)


def test_account(tmp_path: Path) -> None:
    # A moved account would have another identity, or its private key would be printed.
    with Store.open(tmp_path / "a.db", storage_key=KEY) as old, Store.open(identity=False) as new:
        with pytest.raises(callkey.NoIdentityError):
            new.account()
        with old.account() as account:
            assert len(account) == 32
            assert repr(account) == "<Account: 32 secret bytes>"
            new.import_identity(account, account.registration_id)
            assert new.account() == account
        assert account.wiped and not any(account._buffer)
        assert new.identity == old.identity
