"""Two names of one device."""

from __future__ import annotations

import pytest
from conftest import CALLER, PHONE, Pair

import callkey
from callkey import CallKey, Store


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
