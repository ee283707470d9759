"""The call key and its derivations."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from conftest import CALLER, COUNTING, DESKTOP, PHONE

import callkey
from callkey import CallKey


def test_generate() -> None:
    # Two calls would share a key, or a key would be partly zero.
    made = {CallKey.generate().reveal() for _ in range(200)}
    assert len(made) == 200
    assert all(len(set(column)) > 32 for column in zip(*made))


@pytest.mark.parametrize("data", [COUNTING, bytearray(COUNTING), memoryview(COUNTING), memoryview(bytearray(COUNTING))])
def test_from_bytes(data: Any) -> None:
    # A key in another kind of buffer would be read wrongly.
    assert CallKey.from_bytes(data).reveal() == COUNTING


def test_from_a_part_of_a_buffer() -> None:
    # A slice would be read from the start of its buffer.
    around = b"\xff" * 5 + COUNTING + b"\xff" * 5
    for whole in (around, bytearray(around)):
        assert CallKey.from_bytes(memoryview(whole)[5:37]).fingerprint == CallKey.from_bytes(COUNTING).fingerprint
        assert callkey.raw_e2e_decode(memoryview(whole)[5:37]).reveal() == COUNTING


def test_given_buffer_is_left_alone() -> None:
    # The caller could not wipe or reuse its own buffer.
    given = bytearray(COUNTING)
    key = CallKey.from_bytes(given)
    key.wipe()
    assert given == COUNTING
    given.extend(b"resizable again")


@pytest.mark.parametrize("size", [0, 1, 16, 31, 33, 64])
def test_wrong_length(size: int) -> None:
    # A short key would be stretched or a long one cut, against CRY-01.
    for make in (CallKey.from_bytes, lambda data: CallKey.from_hex(data.hex())):
        with pytest.raises(callkey.KeyLengthError) as caught:
            make(bytes(size))
        assert isinstance(caught.value, ValueError)
        assert (caught.value.status, caught.value.name) == (-4, "CALLKEY_ERR_KEY_LENGTH")


def test_from_hex() -> None:
    # A key from a test vector could not be given as it is written.
    assert CallKey.from_hex(COUNTING.hex().upper()).reveal() == COUNTING
    for digits in ("zz" * 32, "0" * 63):
        with pytest.raises(callkey.MalformedError):
            CallKey.from_hex(digits)


@pytest.mark.parametrize("kind", [CallKey, callkey.Epoch])
def test_from_base64(kind: type[CallKey] | type[callkey.Epoch]) -> None:
    # A key from a JSON document could not be given as it is written, or two texts would look like two keys.
    odd = bytes(range(0xE0, 0x100))  # with the signs in which the alphabets differ
    for data in (COUNTING, odd):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            written = encode(data).decode()
            for text in (written, written.rstrip("=")):
                assert kind.from_base64(text).reveal() == data
    written = base64.b64encode(COUNTING).decode()
    spaced = (" " + written, written + "\n")
    for bad in (*spaced, written + "=", written[:-2], written[:-2] + "9=", "Ä" * 43, "=", "A", "A==="):
        with pytest.raises(callkey.MalformedError, match="in base64 is 44 characters") as caught:
            kind.from_base64(bad)
        assert written[:8] not in str(caught.value)
    for size in (0, 1, 31, 33, 34):
        with pytest.raises(callkey.KeyLengthError):
            kind.from_base64(base64.b64encode(bytes(size)).decode())


def test_text_or_bytes() -> None:
    # Bytes of a file with hex digits in it would be taken for a key of 64 bytes, and nobody would say what to use.
    for make in (CallKey.from_hex, CallKey.from_base64):
        with pytest.raises(TypeError, match="from_bytes takes bytes"):
            make(COUNTING)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="from_hex and from_base64 take text"):
        CallKey.from_bytes(COUNTING.hex())  # type: ignore[arg-type]


def test_batch(key: CallKey) -> None:
    # A batch would give other keys, or another order, than one by one.
    participants = [PHONE, CALLER, DESKTOP, PHONE]
    assert key.e2e_keys_batch(participants) == [key.e2e_keys(p) for p in participants]
    assert key.e2e_keys_batch([]) == []
    with pytest.raises(callkey.ParticipantError, match="participant 1 of 2"):
        key.e2e_keys_batch([PHONE, ""])


@pytest.mark.parametrize("bad", ["x" * 128, "x\0y@lid", "\udcff@lid"])
def test_bad_participant(key: CallKey, bad: str) -> None:
    # A text would be cut at its NUL or its end, and keys derived for another participant.
    for derive in (key.e2e_keys, key.sframe_key, lambda p: callkey.ssrcs("AB", p), callkey.participant_id):
        with pytest.raises(callkey.ArgumentError):
            derive(bad)


@pytest.mark.parametrize("wrong", [None, 7, b"1@lid", ["1@lid"]])
def test_wrong_type(key: CallKey, wrong: Any) -> None:
    # ctypes would pass NULL or a number as a pointer.
    for use in (key.e2e_keys, key.sframe_key, callkey.participant_id):
        with pytest.raises(TypeError):
            use(wrong)
    with pytest.raises(TypeError, match="sequence of str"):
        key.e2e_keys_batch("1@lid")
    with pytest.raises(TypeError):
        CallKey.from_bytes("00" * 32)  # type: ignore[arg-type]


def test_plaintext(key: CallKey) -> None:
    # An app with its own Signal sessions could not deliver a key.
    lengths = set()
    for _ in range(300):
        with key.plaintext() as plaintext:
            lengths.add(len(plaintext))
            assert callkey.plaintext_decode(plaintext) == key
            assert callkey.plaintext_decode(plaintext.reveal(), 2) == key
    assert lengths == set(range(37, 53))


def test_hbh(key: CallKey) -> None:
    # The four ways to the relay would share keys, or a hop-by-hop key of another length would be read past its end.
    made = [callkey.hbh_keys(bytes(range(30)), which).reveal() for which in callkey.HBH]
    assert len(set(made)) == 4
    for size in (0, 29, 31):
        with pytest.raises(callkey.ArgumentError):
            callkey.hbh_keys(bytes(size), callkey.HBH.SRTP)
    for which in (4, -1, 1 << 32):
        with pytest.raises(callkey.ArgumentError):
            callkey.hbh_keys(bytes(30), which)  # type: ignore[arg-type]
