"""A secret that one thread wipes while others are inside the library with it (hardening row 45).

If one of these failed, a key would go out as zeros, or stay in memory after its wipe(); or wipe() would hang.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from conftest import CALLER, COUNTING, PHONE
from uses import World, packet_of

import callkey
from callkey import Call, CallKey

pytestmark = pytest.mark.slow


class Waiting:
    """Replaces the library: a function with arguments waits until it may continue."""

    def __init__(self) -> None:
        self.real = callkey._library.library()
        self.inside = threading.Semaphore(0)
        self.leave = threading.Semaphore(0)

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.real, name)

        def waits(*arguments: Any) -> Any:
            if name not in ("callkey_derive_e2e_keys", "callkey_select_participant"):
                return function(*arguments)
            self.inside.release()
            assert self.leave.acquire(timeout=60)
            return function(*arguments)

        waits.argtypes = function.argtypes  # type: ignore[attr-defined]
        return waits


def test_fault_45_the_last_call_zeroes(monkeypatch: pytest.MonkeyPatch) -> None:
    # The first of several calls that is done would zero the key under the others.
    key = CallKey.from_bytes(COUNTING)
    library = Waiting()
    ends: list[object] = []

    def derive() -> None:
        try:
            ends.append(key.e2e_keys(PHONE))
        except callkey.WipedError as error:
            ends.append(error)

    threads = [threading.Thread(target=derive) for _ in range(8)]
    with monkeypatch.context() as patch:
        patch.setattr(callkey._library, "_library", library)
        for thread in threads:
            thread.start()
        for _ in threads:
            assert library.inside.acquire(timeout=60)
        with pytest.raises(KeyError), key:
            raise KeyError  # as one task that fails
        assert key.wiped and repr(key) == "<CallKey: wiped>"
        with pytest.raises(callkey.WipedError, match="was wiped$"):
            key.reveal()
        for done in range(len(threads)):
            assert bytes(key._buffer) == COUNTING and len(ends) <= done
            library.leave.release()
            while len(ends) <= done:
                assert any(thread.is_alive() for thread in threads) or len(ends) > done
        for thread in threads:
            thread.join()
    assert not any(key._buffer)
    assert [str(end) for end in ends] == ["the call key was wiped while it was in use"] * len(threads)


def test_fault_45_call_closed_meanwhile(worlds: Callable[[], World], monkeypatch: pytest.MonkeyPatch) -> None:
    # A closed call would keep using its keys until another thread stops, or name a device from zeros.
    world = worlds()
    packet = packet_of(world)
    call, library = Call(CALLER, world.key), Waiting()
    raised: list[Exception] = []

    def answered() -> None:
        try:
            call.answered_from(packet, [PHONE])
        except callkey.WipedError as error:
            raised.append(error)

    with monkeypatch.context() as patch:
        patch.setattr(callkey._library, "_library", library)
        running = threading.Thread(target=answered)
        running.start()
        assert library.inside.acquire(timeout=60)
        closing = threading.Thread(target=call.close)
        closing.start()
        while not (call._ours.wiped and call._theirs.wiped):  # at once, not when the other thread is done
            assert closing.is_alive() or call._theirs.wiped
        assert bytes(call._theirs._buffer) == COUNTING and running.is_alive()
        library.leave.release()
        running.join(60)
        closing.join(60)
    assert [str(error) for error in raised] == ["the call key was wiped while it was in use"]
    assert call.closed and not any(call._theirs._buffer) and not any(call._ours._buffer)
