"""The exceptions."""

from __future__ import annotations

import pickle
from ctypes import c_uint8

import pytest

import callkey
from callkey import _call, errors
from callkey._library import library

BUILTINS = (ValueError, LookupError, OSError, BufferError, RuntimeError)


@pytest.mark.parametrize("status, cls", errors.BY_STATUS.items())
def test_each(status: int, cls: type[errors.CallKeyError]) -> None:
    # Somebody who catches the built-in, or the base, would miss it.
    assert issubclass(cls, errors.CallKeyError)
    assert issubclass(cls, BUILTINS)
    assert getattr(callkey, cls.__name__) is cls
    error = _call.failure(status)
    assert type(error) is cls
    assert (error.status, error.name) == (status, cls.name)
    assert str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (cls, str(error))


@pytest.mark.parametrize(
    "cls, builtin",
    [
        (errors.WipedError, ValueError),
        (errors.WrongDeviceError, ValueError),
        (errors.NotAnsweredError, LookupError),
    ],
)
def test_own(cls: type[errors.CallKeyError], builtin: type[Exception]) -> None:
    # An app's one except clause around a call would miss the faults that no status of the library means.
    assert issubclass(cls, (errors.CallKeyError, builtin)) and issubclass(cls, builtin)
    assert (cls.status, cls.name) == (0, cls.__name__)
    assert cls not in errors.BY_STATUS.values() and getattr(callkey, cls.__name__) is cls
    again = pickle.loads(pickle.dumps(cls("what is wrong")))
    assert (type(again), str(again)) == (cls, "what is wrong")


def test_unknown_status() -> None:
    # A newer library's status would look like success, or hide its number.
    error = _call.failure(-99)
    assert type(error) is errors.CallKeyError
    assert (error.status, error.name) == (-99, "CALLKEY_ERR_UNKNOWN")


def test_says_what() -> None:
    # An error would not say which argument is wrong, or would show the key.
    with pytest.raises(callkey.KeyLengthError) as caught:
        callkey.CallKey.from_bytes(b"\xaa" * 31)
    assert "31 bytes" in str(caught.value)
    assert "aa" not in str(caught.value).lower()


def test_asks_again() -> None:
    # An output that grows between two calls would be cut, or the retry would never end.
    needs = [10, 20, 30]

    def grows(out: object, out_len: object) -> int:
        size = out_len._obj  # type: ignore[attr-defined]
        if needs:
            size.value = needs.pop(0)
            return errors.BufferTooSmallError.status
        size.value = 25
        return 0

    out, size = _call.sized(c_uint8, grows)
    assert (len(out), size) == (30, 25)

    def never(out: object, out_len: object) -> int:
        return errors.BufferTooSmallError.status

    with pytest.raises(callkey.BufferTooSmallError):
        _call.sized(c_uint8, never)


def test_all_names() -> None:
    # A name that is promised would not be there, or one that is there would not be promised.
    assert sorted(callkey.__all__) == sorted(set(callkey.__all__))
    for name in callkey.__all__:
        assert hasattr(callkey, name)
    assert {cls.__name__ for cls in errors.BY_STATUS.values()} < set(callkey.__all__)
    assert library() is library()
