"""Secrets don't show themselves, don't copy themselves and can be wiped."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from conftest import CALLER, COUNTING, PHONE, Pair, Zeroed, collect

import callkey
from callkey import CallKey, Secret
from callkey._call import pointer

KINDS: dict[str, tuple[Callable[[CallKey, Pair], Secret], str]] = {
    "CallKey": (lambda key, pair: CallKey.from_bytes(COUNTING), "<CallKey: 32 secret bytes>"),
    "SRTPKeys": (lambda key, pair: key.e2e_keys(PHONE), "<SRTPKeys: 130 secret bytes>"),
    "hop-by-hop": (lambda key, pair: callkey.hbh_keys(bytes(30), callkey.HBH.SRTP), "<SRTPKeys: 130 secret bytes>"),
    "SFrameKey": (lambda key, pair: key.sframe_key(PHONE), "<SFrameKey: 32 secret bytes>"),
    "WARPAuthKey": (lambda key, pair: key.warp_auth_key(), "<WARPAuthKey: 32 secret bytes>"),
    "Epoch": (lambda key, pair: callkey.Epoch.from_bytes(COUNTING), "<Epoch: 32 secret bytes>"),
    "RawE2E": (lambda key, pair: callkey.raw_e2e_decode(COUNTING), "<RawE2E: 32 secret bytes>"),
    "Plaintext": (lambda key, pair: key.plaintext(), "<Plaintext: # secret bytes>"),
    "Record": (lambda key, pair: pair.caller.session(PHONE).export(), "<Record: # secret bytes>"),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, key: CallKey, pair: Pair) -> tuple[Secret, str]:
    make, shown = KINDS[request.param]
    secret = make(key, pair)
    return secret, shown.replace("#", str(len(secret)))


def test_shown(kind: tuple[Secret, str]) -> None:
    # A secret would stand in a log or a traceback.
    secret, shown = kind
    for text in (repr(secret), str(secret), f"{secret}", "%s" % secret, repr([secret])[1:-1]):  # noqa: UP031
        assert text == shown
    assert not hasattr(secret, "__dict__")
    secret.wipe()
    assert repr(secret) == f"<{type(secret).__name__}: wiped>"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_not_pickled(kind: tuple[Secret, str], protocol: int) -> None:
    # A secret would travel to disks and other processes with whatever object holds it.
    with pytest.raises(TypeError, match="not copied or pickled"):
        pickle.dumps({"held": kind[0]}, protocol)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, bytes, bytearray, hash, iter, memoryview])
def test_not_copied(kind: tuple[Secret, str], copied: Callable[[Any], Any]) -> None:
    # There would be a copy that wipe() doesn't reach.
    with pytest.raises(TypeError):
        copied(kind[0])


def test_wipe(kind: tuple[Secret, str]) -> None:
    # The secret would stay in memory, or a zero key would be used as if it were one.
    secret = kind[0]
    buffer = secret._buffer
    assert any(buffer)
    secret.wipe()
    assert not any(buffer) and len(buffer) > 0
    assert secret.wiped
    secret.wipe()
    for use in (secret.reveal, lambda: secret.fingerprint, lambda: secret == secret, secret.__enter__):
        with pytest.raises(callkey.WipedError, match="was wiped"):
            use()


@pytest.mark.parametrize("made", KINDS)
def test_wiped_by_with_and_by_end(made: str, key: CallKey, pair: Pair, zeroed: Zeroed) -> None:
    # A key that was not wiped explicitly would outlive its object.
    with KINDS[made][0](key, pair) as secret:
        buffer = secret._buffer
    assert not any(buffer)
    secret = KINDS[made][0](key, pair)
    place = zeroed.place(secret)
    del secret
    collect()
    assert place in zeroed.places


def test_wiped_after_an_error() -> None:
    # An exception inside the with would leave the key behind.
    with pytest.raises(KeyError), CallKey.generate() as key:
        buffer = key._buffer
        raise KeyError
    assert not any(buffer)


def test_equal(key: CallKey, kind: tuple[Secret, str]) -> None:
    # Two ends could not be compared, or everything would be equal.
    assert key == CallKey.from_bytes(COUNTING)
    assert key != CallKey.from_bytes(COUNTING[:31] + b"\0")
    assert key != COUNTING
    assert key.e2e_keys(PHONE) == key.e2e_keys(PHONE) != key.e2e_keys(CALLER)
    if type(kind[0]) is not CallKey:
        assert kind[0] != key


def test_no_constructor() -> None:
    # A CallKey of any length could be made past the check, or nobody would say how to make one.
    made: dict[Any, str] = {
        CallKey: "from_bytes",
        callkey.Epoch: "generate",
        callkey.SRTPKeys: "e2e_keys",
        callkey.SFrameKey: "sframe_key",
        callkey.WARPAuthKey: "warp_auth_key",
        callkey.Plaintext: "plaintext",
        callkey.RawE2E: "raw_e2e_decode",
        callkey.Account: "Account.generate",
        callkey.Record: "Record.from_bytes",
        callkey.PrivateKey: "prekey_generate",
        Secret: "CallKey",
        callkey.Store: "Store.open",
    }
    kinds = {kind for kind in vars(callkey).values() if isinstance(kind, type) and issubclass(kind, Secret)}
    assert kinds | {callkey.Store} == set(made)
    for cls, use in made.items():
        for given, named in (((), {}), ((COUNTING,), {}), ((), {"data": COUNTING})):
            with pytest.raises(TypeError, match=f"^{cls.__name__} has no constructor: use .*{use}"):
                cls(*given, **named)


def test_fingerprint(kind: tuple[Secret, str], key: CallKey) -> None:
    # A fingerprint would not tell keys apart, or would be part of the key.
    secret = kind[0]
    assert len(bytes.fromhex(secret.fingerprint)) == 8
    assert bytes.fromhex(secret.fingerprint) not in secret.reveal()
    assert key.e2e_keys(PHONE).fingerprint == key.e2e_keys(PHONE).fingerprint != key.e2e_keys(CALLER).fingerprint


def test_members(key: CallKey) -> None:
    # libsrtp would get other bytes than the keys beside it, or a member would overlap another.
    keys = key.e2e_keys(PHONE)
    assert bytes(keys.libsrtp_key) == bytes(keys.master_key) + bytes(keys.master_salt)
    rest = (
        keys.srtp_cipher_key,
        keys.srtp_auth_key,
        keys.srtp_salt,
        keys.srtcp_cipher_key,
        keys.srtcp_auth_key,
        keys.srtcp_salt,
    )
    assert keys.reveal() == bytes(keys.libsrtp_key) + b"".join(rest)
    whole = keys.to_dict()
    assert whole == {name: getattr(keys, name).hex() for name in whole}
    parts = [f"{stream}_{part}" for stream in ("srtp", "srtcp") for part in ("cipher_key", "auth_key", "salt")]
    assert list(whole) == ["libsrtp_key", "master_key", "master_salt", *parts]
    assert "".join(list(whole.values())[1:]) == keys.reveal().hex()
    sframe = key.sframe_key(PHONE)
    assert sframe.aes_key == sframe.reveal()[:16]


def test_views_are_not_copied_on_their_way_in(key: CallKey) -> None:
    # An argument of a C function would stay in a copy that is never wiped.
    keys = key.e2e_keys(PHONE)
    passed = pointer(keys.srtp_auth_key)
    assert bytes(passed[:20]) == keys.srtp_auth_key
    keys.wipe()
    assert bytes(passed[:20]) == bytes(20)


def test_members_are_views(key: CallKey) -> None:
    # A member would be a copy that stays after wipe(), or a way to change the key.
    keys = key.e2e_keys(PHONE)
    view = keys.srtp_auth_key
    assert view.readonly
    keys.wipe()
    assert bytes(view) == bytes(20)
    with pytest.raises(callkey.WipedError):
        _ = keys.srtp_auth_key
