"""The own account of a program that keeps its sessions itself."""

from __future__ import annotations

import pytest
from conftest import CALLER, COUNTING, PHONE, Pair

import callkey
from callkey import Account, CallKey, EncType, PrekeyBundle, PrivateKey, Store, message_parse, prekey_generate


def test_account_comes_back_from_storage() -> None:
    # After a restart the device would have another identity, and every peer would be warned.
    with Account.generate() as account:
        assert 1 <= account.registration_id <= 16380
        with Account.from_bytes(account.reveal(), account.registration_id) as again:
            assert again == account and again.identity == account.identity
    with pytest.raises(callkey.KeyLengthError):
        Account.from_bytes(COUNTING[1:], 1)
    with Account.from_bytes(bytes(32), 1) as wiped, pytest.raises(callkey.InvalidKeyError):
        _ = wiped.identity


def test_published_keys_make_a_bundle() -> None:
    # A peer would reject the bundle, so nobody could call the device.
    with Account.generate() as account, Store.open() as peer:
        prekey, private = prekey_generate(9)
        signed, signed_private = account.signed_prekey(4)
        bundle = bundle_of(account, prekey, signed)
        peer.session(PHONE).begin(bundle)
        assert (prekey.id, signed.id) == (9, 4)
        assert len(private) == len(signed_private) == 32
        assert PrivateKey.from_bytes(private.reveal()) == private
        assert repr(private) == "<PrivateKey: 32 secret bytes>"


def test_signature_is_of_the_message() -> None:
    # A signature of something else would be accepted for a prekey.
    with Account.generate() as account, Store.open() as peer:
        signed, _ = account.signed_prekey(4)
        own = account.sign(b"\x05" + signed.public_key)
        assert own != account.sign(b"\x05" + signed.public_key)
        peer.session(PHONE).begin(bundle_of(account, None, callkey.SignedPrekey(4, signed.public_key, own)))
        other = account.sign(b"\x05" + signed.public_key + b"!")
        with pytest.raises(callkey.InvalidKeyError):
            peer.session(PHONE).begin(bundle_of(account, None, callkey.SignedPrekey(4, signed.public_key, other)))


@pytest.mark.parametrize("id", [0, 1 << 24])
def test_prekey_ids(id: int) -> None:
    # No message can name such a prekey.
    with pytest.raises(callkey.ArgumentError):
        prekey_generate(id)
    with Account.generate() as account, pytest.raises(callkey.ArgumentError):
        account.signed_prekey(id)


def test_message_parse(pair: Pair) -> None:
    # A program would fetch the wrong private keys, or begin a session twice.
    with CallKey.generate() as key:
        first = pair.caller.seal_enc(PHONE, key)
        info = message_parse(first.enc_type, first.ciphertext)
        assert info is not None and info.prekey_id and info.signed_prekey_id and any(info.base_key)
        assert info.identity_key == pair.caller.identity.public_key
        assert info.registration_id == pair.caller.identity.registration_id
        pair.acknowledge()
        later = pair.caller.seal_enc(PHONE, key)
        assert message_parse("pkmsg", first.ciphertext) == info and message_parse("msg", later.ciphertext) is None
        assert later.enc_type == EncType.MSG and message_parse(later.enc_type, later.ciphertext) is None
        with pytest.raises(callkey.MalformedError):
            message_parse(EncType.PKMSG, later.ciphertext)
        with pytest.raises(callkey.UnsupportedError):
            message_parse(EncType.NONE, later.ciphertext)
    assert pair.phone.identity_of(CALLER) == info.identity_key


def bundle_of(account: Account, prekey: callkey.Prekey | None, signed: callkey.SignedPrekey) -> PrekeyBundle:
    return PrekeyBundle(
        registration_id=account.registration_id,
        identity_key=account.identity.public_key,
        signed_prekey_id=signed.id,
        signed_prekey=signed.public_key,
        signed_prekey_signature=signed.signature,
        prekey_id=prekey.id if prekey else 0,
        prekey=prekey.public_key if prekey else b"",
    )
