"""Identities, prekeys and bundles."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from conftest import CALLER, DESKTOP, PHONE, Pair

import callkey
from callkey import CallKey, PrekeyBundle, Store

KEY = bytes(range(32, 64))
PRIVATE = bytes([8] + [1] * 30 + [64])  # an X25519 scalar, clamped


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
    # The server would have another signed prekey than the app, and no peer could call it.
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
    # A session would begin with another device, or with a key that anyone can compute.
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
